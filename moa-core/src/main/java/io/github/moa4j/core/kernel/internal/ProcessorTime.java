package io.github.moa4j.core.kernel.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the machine's processors have spent their time on so far, in clock ticks.
 *
 * @param nanos when it was looked up
 * @param total of all processors
 * @param idle of those without work
 * @param own of this process
 * @param processors number of processors; 0 where the system does not tell
 */
record ProcessorTime(long nanos, long total, long idle, long own, int processors) {

  private static final int KINDS = 8; // user to steal; the guests behind are in user time already

  /** Looks it up, on Linux. */
  static ProcessorTime now() {
    try {
      return of(
          Files.readString(Path.of("/proc/stat")),
          Files.readString(Path.of("/proc/self/stat")),
          System.nanoTime());
    } catch (IOException | RuntimeException e) {
      return new ProcessorTime(System.nanoTime(), 0, 0, 0, 0);
    }
  }

  /**
   * Reads what Linux tells, as proc(5) describes it.
   *
   * @param machine content of {@code /proc/stat}
   * @param process content of {@code /proc/self/stat}
   */
  static ProcessorTime of(String machine, String process, long nanos) {
    String[] all = machine.substring(0, machine.indexOf('\n')).split(" +", 0);
    long total = 0;
    for (int kind = 1; kind <= KINDS; kind++) {
      total += Long.parseLong(all[kind]);
    }
    long idle = Long.parseLong(all[4]) + Long.parseLong(all[5]); // idle and waiting for disks
    String[] own = process.substring(process.lastIndexOf(')') + 2).split(" ", 0);
    long ownTicks = Long.parseLong(own[11]) + Long.parseLong(own[12]); // user and system
    int processors = (int) machine.lines().filter(line -> line.matches("cpu\\d+ .*")).count();
    return new ProcessorTime(nanos, total, idle, ownTicks, processors);
  }

  /** How many processors other processes have left since then; all where nothing is known. */
  double leftSince(ProcessorTime before) {
    long ticks = total - before.total;
    long others = ticks - (idle - before.idle) - (own - before.own);
    return ticks <= 0 ? Integer.MAX_VALUE : processors * (1 - (double) others / ticks);
  }
}
