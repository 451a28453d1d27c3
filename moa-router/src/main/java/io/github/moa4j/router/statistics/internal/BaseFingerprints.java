package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.router.RouterException;
import java.nio.file.Path;

/** Holds a router's files to the base they were made for. */
public final class BaseFingerprints {

  private BaseFingerprints() {}

  /**
   * Refuses a file that stems from another base.
   *
   * @param file for the message
   * @throws RouterException if the fingerprints differ
   */
  public static void require(Path file, String found, String expected) {
    if (!found.equals(expected)) {
      throw new RouterException(
          file
              + " was made for another base model: its base fingerprint is "
              + Failure.quote(found)
              + ", this base has "
              + expected
              + ". Open it with its own base, or fit a router for this one.");
    }
  }
}
