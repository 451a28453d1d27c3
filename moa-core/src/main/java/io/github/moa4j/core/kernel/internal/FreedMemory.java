package io.github.moa4j.core.kernel.internal;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What becomes of the native memory that a pass frees: the GNU C library keeps it for the next one.
 *
 * <p>Left alone, it maps each block of more than its threshold anew, 32 MiB at most, and gives the
 * end of its heap back to the system, which hands it out again page by page and cleared. A prompt
 * of 512 tokens on a base of half a billion int8 weights then costs up to 240,000 page faults and
 * takes twice the time. So blocks up to {@link #LARGEST} stay in the heap, which holds as much as
 * the largest pass took, or a step of training. Blocks that are larger, such as a vocabulary's
 * weights, go back at once; all others when a training ends and when a base is closed.
 *
 * <p>Nothing happens where the environment says how the library shall behave ({@code MALLOC_...},
 * {@code GLIBC_TUNABLES}), on other systems than Linux, or if the library cannot be called.
 */
final class FreedMemory {

  /**
   * Bytes of a block; a piece of a prompt in the widest layers of 7 billion parameters has half.
   */
  private static final int LARGEST = 128 << 20;

  /** The most that older versions of the library take. */
  private static final int LARGEST_OF_OLD = 32 << 20;

  private static final int TRIM_THRESHOLD = -1;
  private static final int MMAP_THRESHOLD = -3;

  private static final List<String> VARIABLES =
      List.of(
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_MMAP_MAX_",
          "MALLOC_TRIM_THRESHOLD_",
          "MALLOC_TOP_PAD_",
          "GLIBC_TUNABLES");

  private static final AtomicBoolean DECIDED = new AtomicBoolean();

  private FreedMemory() {}

  /** Lets the library keep what is freed, the first time. */
  static void keep() {
    if (DECIDED.compareAndSet(false, true) && isOurs()) {
      // The first of the two alone would leave a threshold of 128 KiB, for good.
      boolean kept = set(MMAP_THRESHOLD, LARGEST) || set(MMAP_THRESHOLD, LARGEST_OF_OLD);
      if (kept) {
        set(TRIM_THRESHOLD, Integer.MAX_VALUE);
      }
    }
  }

  /** Gives back to the system what is free now. */
  static void giveBack() {
    if (isOurs()) {
      CLibrary.call("malloc_trim", 0L);
    }
  }

  private static boolean isOurs() {
    return CLibrary.isOfLinux() && VARIABLES.stream().allMatch(name -> System.getenv(name) == null);
  }

  private static boolean set(int what, int bytes) {
    return CLibrary.call("mallopt", what, bytes) == 1;
  }
}
