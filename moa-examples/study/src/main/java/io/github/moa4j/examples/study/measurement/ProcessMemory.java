package io.github.moa4j.examples.study.measurement;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about this process's resident memory. */
public final class ProcessMemory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Returns the most bytes that were ever resident. */
  public static long peak() {
    return read("VmHWM:");
  }

  /**
   * Returns the bytes resident now that no file backs: pages of libraries come and go as the kernel
   * likes, and are no one's leak.
   */
  public static long resident() {
    return read("RssAnon:");
  }

  private static long read(String key) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(key)) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new MoaException("Resident memory is read from " + STATUS + ", which needs Linux.", e);
    }
    throw new MoaException(STATUS + " has no line " + key);
  }
}
