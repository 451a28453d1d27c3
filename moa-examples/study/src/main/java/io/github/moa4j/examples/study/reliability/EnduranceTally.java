package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.examples.study.measurement.MemoryLog;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.util.Locale;

/** How requests ended. Thread-safe. */
final class EnduranceTally {

  private final MemoryLog memory;
  private final long half; // until then, memory comes to what it needs
  private int right;
  private int cut;
  private int wrong;
  private int errors;
  private int events;
  private long longest; // wait of a caller, in nanoseconds

  EnduranceTally(MemoryLog memory, long half) {
    this.memory = memory;
    this.half = half;
  }

  /** An answer that is what its adapter says alone. */
  synchronized void right() {
    right++;
    event();
  }

  /** An answer that was cancelled, abandoned, interrupted or out of time. */
  synchronized void cut() {
    cut++;
    event();
  }

  synchronized void wrong(String what) {
    wrong++;
    ChildJvm.out().println("wrong: " + what);
    event();
  }

  synchronized void failed(String what, Throwable reason) {
    errors++;
    ChildJvm.out().println(what + " failed: " + reason);
    event();
  }

  /** How long a caller waited, whatever came of it. */
  synchronized void waited(long nanos) {
    longest = Math.max(longest, nanos);
  }

  private void event() {
    events++;
    if (System.nanoTime() > half) {
      memory.after(events);
    }
  }

  synchronized int wrong() {
    return wrong;
  }

  synchronized int errors() {
    return errors;
  }

  synchronized double bytesAnEvent() {
    return memory.bytesAnEvent();
  }

  @Override
  public synchronized String toString() {
    return String.format(
        Locale.ROOT,
        "%,d answers right, %,d cut short, %,d wrong, %,d errors, %.0f bytes of memory a request,"
            + " longest wait %.1f s",
        right,
        cut,
        wrong,
        errors,
        memory.bytesAnEvent(),
        longest / 1e9);
  }
}
