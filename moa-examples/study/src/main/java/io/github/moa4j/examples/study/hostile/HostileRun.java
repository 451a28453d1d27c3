package io.github.moa4j.examples.study.hostile;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Reads changed files of one kind in this process, and writes two lines a file: before it is read
 * its number, then how it went. If the process ends in between, that is how it went.
 */
public final class HostileRun {

  static final String OPENED = "opened";
  static final String REFUSED = "refused";
  static final String WRONG = "wrong ";

  private static final int MOST_QUOTED = 220; // characters: 200, and what stands around them
  private static final int SEARCHED = 1 << 14; // bytes: a run of one character is slow to search

  private final FileKind kind;
  private final long seed;
  private final Path originals;
  private final byte[] original;
  private final AtomicLong started = new AtomicLong(Long.MAX_VALUE);

  /** Writes the originals of all kinds into a folder. */
  HostileRun(FileKind kind, long seed, Path originals) throws IOException {
    this.kind = kind;
    this.seed = seed;
    this.originals = originals;
    Originals.write(originals);
    this.original = Files.readAllBytes(kind.file(originals));
  }

  /** Arguments: kind, seed, first file, the one behind the last, seconds a file, two folders. */
  public static void main(String[] args) throws IOException {
    HostileRun run =
        new HostileRun(FileKind.valueOf(args[0]), Long.parseLong(args[1]), Path.of(args[5]));
    run.watch(Duration.ofSeconds(Long.parseLong(args[4])), Thread.currentThread().getId());
    run.read(Integer.parseInt(args[2]), Integer.parseInt(args[3]), args.length > 6 ? args[6] : "");
  }

  private void read(int from, int to, String keep) throws IOException {
    for (int i = from; i < to; i++) {
      byte[] mutated = mutated(i);
      Path kept = Path.of(keep, kind.name().toLowerCase(Locale.ROOT) + "-" + i);
      if (!keep.isEmpty()) {
        Files.write(Files.createDirectories(kept.getParent()).resolve(kept.getFileName()), mutated);
      }
      ChildJvm.out().println(i);
      String outcome = outcome(mutated);
      ChildJvm.out().println(outcome);
      if (!keep.isEmpty() && !outcome.startsWith(WRONG)) {
        Files.delete(kept);
      }
    }
  }

  /** The random numbers of one file, whatever range it is made in. */
  private static SplittableRandom random(long seed, FileKind kind, int index) {
    return new SplittableRandom(
        new SplittableRandom(seed).nextLong()
            ^ ((long) kind.name().hashCode() << Integer.SIZE)
            ^ index);
  }

  byte[] mutated(int index) {
    return kind.mutated(original, random(seed, kind, index));
  }

  String outcome(byte[] file) throws IOException {
    if (kind == FileKind.MIXTURE) { // opening one may tidy up
      delete(kind.folder(originals));
      Originals.write(originals);
    }
    Files.write(kind.file(originals), file);
    started.set(System.nanoTime());
    String outcome;
    try {
      kind.read(originals);
      outcome = OPENED;
    } catch (MoaException e) {
      outcome =
          quotesTooMuch(e, file) ? WRONG + "a message that quotes a page" + place(e) : REFUSED;
    } catch (Throwable e) { // an error, too, is a way to go wrong
      outcome = WRONG + first(e.toString()) + place(e);
    }
    started.set(Long.MAX_VALUE);
    return outcome;
  }

  /** Whether a message repeats much more of the file's beginning than it may quote. */
  private static boolean quotesTooMuch(MoaException e, byte[] file) {
    String message = String.valueOf(e.getMessage());
    String text = new String(file, 0, Math.min(file.length, SEARCHED), StandardCharsets.UTF_8);
    for (int i = 0; i + MOST_QUOTED <= message.length(); i += MOST_QUOTED / 4) {
      if (text.contains(message.substring(i, i + MOST_QUOTED))) {
        return true;
      }
    }
    return false;
  }

  private static String first(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.substring(0, Math.min(200, line.length()));
  }

  private static String place(Throwable e) {
    return Arrays.stream(e.getStackTrace())
        .filter(frame -> frame.getClassName().startsWith("io.github.moa4j"))
        .findFirst()
        .map(frame -> " at " + frame)
        .orElse("");
  }

  /**
   * Ends the process when a file takes too long, since the thread that reads it cannot be stopped.
   *
   * @param longest of processor time; on the clock of a machine that others use, ten times that
   */
  private void watch(Duration longest, long reader) {
    Thread thread = new Thread(() -> watchForever(longest, reader), "watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void watchForever(Duration longest, long reader) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long file = Long.MAX_VALUE;
    long before = 0;
    while (true) {
      long now = started.get();
      if (now != file) {
        file = now;
        before = threads.getThreadCpuTime(reader);
      }
      boolean late =
          file != Long.MAX_VALUE
              && (threads.getThreadCpuTime(reader) - before > longest.toNanos()
                  || System.nanoTime() - file > 10 * longest.toNanos());
      if (late && started.get() == file) {
        ChildJvm.out().println(WRONG + "still reading after " + longest.toSeconds() + " s");
        Runtime.getRuntime().halt(1);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
