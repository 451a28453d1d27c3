package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class FreedMemoryTest {

  private static final int PAGE = 4096;
  private static final int FLOATS = 10_000_000; // 40 MB: above what the library keeps by itself
  private static final int TIMES = 40;

  @Test
  void isThereForTheNextPass() throws IOException {
    try (NDManager manager = PyTorchEngine.newManager()) {
      long first = faultsOfPasses(manager, TIMES);
      assumeTrue(first > 0, "no page faults are counted here");
      long pages = (long) TIMES * FLOATS * Float.BYTES / PAGE;
      assertThat(faultsOfPasses(manager, TIMES)).isLessThan(pages / 10);
    }
  }

  @Test
  void goesBackWhenItIsAskedFor() throws IOException {
    try (NDManager manager = PyTorchEngine.newManager()) {
      faultsOfPasses(manager, 1);
      long kept = resident();
      PyTorchEngine.giveFreedMemoryBack();
      assertThat(kept - resident()).isGreaterThan((long) FLOATS * Float.BYTES / 1024 / 2);
    }
  }

  /** Page faults of this process while arrays are filled and freed, one after the other. */
  private static long faultsOfPasses(NDManager manager, int times) throws IOException {
    long before = faults();
    for (int i = 0; i < times; i++) {
      manager.ones(new Shape(FLOATS)).close();
    }
    return faults() - before;
  }

  private static long faults() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[7]);
  }

  /** KiB of memory that no file backs. */
  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
