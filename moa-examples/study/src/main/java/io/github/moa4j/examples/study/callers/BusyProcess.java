package io.github.moa4j.examples.study.callers;

import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.Map;

/** A process that wants one processor for itself for as long as whoever started it lives. */
public final class BusyProcess implements AutoCloseable {

  private final Process process;

  private BusyProcess(Process process) {
    this.process = process;
  }

  /** Counts until its input ends; takes no arguments. */
  public static void main(String[] args) throws IOException {
    Thread counting = new Thread(BusyProcess::count);
    counting.setDaemon(true);
    counting.start();
    System.in.transferTo(OutputStream.nullOutputStream());
  }

  static BusyProcess start() {
    return new BusyProcess(
        ChildJvm.start(
            List.of("-Xmx16m", "-XX:+UseSerialGC"),
            Map.of(),
            BusyProcess.class,
            List.of(),
            Redirect.INHERIT));
  }

  private static void count() {
    long state = 1;
    while (state != 0) { // which a sequence of full period reaches after centuries
      state = state * 6364136223846793005L + 1442695040888963407L;
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
