package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several {@link WatchingReader}s in their processes. */
final class Readers {

  private static final List<String> SMALL_JVM =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final List<Process> processes = new ArrayList<>();
  private final List<Thread> listeners = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>(); // guarded by this
  private int reads; // guarded by this

  private Readers() {}

  static Readers start(Path mixture, Path publicKey, int count) {
    Readers readers = new Readers();
    for (int i = 0; i < count; i++) {
      Process process =
          ChildJvm.start(
              SMALL_JVM,
              Map.of(),
              WatchingReader.class,
              List.of(mixture.toString(), publicKey.toString()),
              Redirect.INHERIT);
      Thread listener = new Thread(() -> readers.listen(process), "reader " + process.pid());
      listener.start();
      readers.processes.add(process);
      readers.listeners.add(listener);
    }
    return readers;
  }

  private void listen(Process process) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        accept(line);
      }
    } catch (IOException e) {
      accept(WatchingReader.WRONG + e);
    }
  }

  private synchronized void accept(String line) {
    if (line.startsWith(WatchingReader.WRONG)) {
      wrong.add("a reader: " + line.substring(WatchingReader.WRONG.length()));
    } else if (line.startsWith(WatchingReader.READ)) {
      reads += Integer.parseInt(line.substring(WatchingReader.READ.length()).strip());
    }
  }

  /** Lets them end, and returns how many states they read. */
  int stop() throws IOException, InterruptedException {
    for (Process process : processes) {
      process.getOutputStream().write('\n');
      process.getOutputStream().close();
    }
    for (Thread listener : listeners) {
      listener.join();
    }
    for (Process process : processes) {
      if (process.waitFor() != 0) {
        throw new IOException("A reader ended with code " + process.exitValue() + ".");
      }
    }
    synchronized (this) {
      return reads;
    }
  }

  synchronized List<String> wrong() {
    return List.copyOf(wrong);
  }
}
