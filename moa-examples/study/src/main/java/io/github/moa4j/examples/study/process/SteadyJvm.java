package io.github.moa4j.examples.study.process;

import java.util.List;
import java.util.Map;

/** How a process runs whose resident memory is to show what is native and in use. */
public final class SteadyJvm {

  /** Options of the Java process. */
  public static final List<String> OPTIONS =
      List.of(
          "-Xms256m",
          "-Xmx256m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          // One thread of the engine: two would wait for each other on a busy machine.
          "-Dai.djl.pytorch.num_threads=1",
          // The second compiler goes on compiling for many minutes.
          "-XX:TieredStopAtLevel=1");

  /**
   * The GNU C library keeps freed blocks for later, and how many changes from moment to moment by
   * megabytes, which hides a slope. Blocks of their own go back at once.
   */
  public static final Map<String, String> ENVIRONMENT =
      Map.of(
          "MALLOC_ARENA_MAX", "1",
          "MALLOC_MMAP_THRESHOLD_", "16384",
          "MALLOC_TRIM_THRESHOLD_", "65536",
          "MALLOC_TOP_PAD_", "0");

  private SteadyJvm() {}
}
