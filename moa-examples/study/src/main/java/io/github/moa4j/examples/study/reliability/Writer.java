package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A {@link KilledWriter} in its process, and what it has said so far. */
final class Writer {

  private static final List<String> SMALL_JVM =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final Process process;
  private final Thread listener;
  private final Progress progress;
  private Optional<String> unfinished = Optional.empty(); // guarded by this; "17 REPLACE"
  private long begun; // guarded by this: when, in ns
  private boolean ended; // guarded by this

  private Writer(Process process, Progress progress) {
    this.process = process;
    this.progress = progress;
    this.listener = new Thread(this::listen, "writer " + process.pid());
  }

  static Writer start(List<String> arguments, Map<String, String> environment, Progress progress) {
    Process process =
        ChildJvm.start(SMALL_JVM, environment, KilledWriter.class, arguments, Redirect.INHERIT);
    Writer writer = new Writer(process, progress);
    writer.listener.start();
    return writer;
  }

  private void listen() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        accept(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private synchronized void accept(String line) {
    if (line.startsWith(KilledWriter.BEGIN)) {
      unfinished = Optional.of(line.substring(KilledWriter.BEGIN.length()));
      progress.begun(Integer.parseInt(unfinished.get().split(" ", -1)[0]));
      begun = System.nanoTime();
      notifyAll();
    } else if (line.startsWith(KilledWriter.END)) {
      unfinished = Optional.empty();
      int number = Integer.parseInt(line.substring(KilledWriter.END.length()));
      progress.ended(number, System.nanoTime() - begun);
    }
  }

  /** Waits until it begins another change; returns whether it lives. */
  synchronized boolean awaitBegun() throws InterruptedException {
    long before = System.nanoTime();
    while (!ended && begun < before) {
      wait();
    }
    return !ended;
  }

  /** Kills it as the operating system does, and returns the change that it was making. */
  Optional<String> kill() throws InterruptedException {
    process.toHandle().destroyForcibly(); // the process's own method closes its output
    process.waitFor();
    listener.join();
    synchronized (this) {
      return unfinished;
    }
  }

  /** What all writers have said together. */
  static final class Progress {
    private int begun;
    private int ended;
    private long changeNanos;

    synchronized void begun(int number) {
      begun = Math.max(begun, number);
    }

    synchronized void ended(int number, long nanos) {
      ended = Math.max(ended, number);
      changeNanos += (nanos - changeNanos) / 8;
    }

    /** Returns about how long a change takes now, in ns. */
    synchronized long changeNanos() {
      return changeNanos;
    }

    /** Returns the last change that a writer has begun. */
    synchronized int begun() {
      return begun;
    }

    /** Returns the last change that a writer has told to be committed. */
    synchronized int ended() {
      return ended;
    }
  }
}
