package io.github.moa4j.examples.study.hostile;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
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

  /** A message is read by people; more than this, it quotes the file to them. */
  private static final int LONGEST_MESSAGE = 2000;

  private static final int REST = 3; // exit code: the parent goes on behind the file

  private final FileKind kind;
  private final long seed;
  private final Path originals;
  private final AtomicLong started = new AtomicLong(Long.MAX_VALUE);

  private HostileRun(FileKind kind, long seed, Path originals) {
    this.kind = kind;
    this.seed = seed;
    this.originals = originals;
  }

  /** Arguments: kind, seed, first file, the one behind the last, seconds a file, folder to keep. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("moa4j-hostile");
    try {
      HostileRun run = new HostileRun(FileKind.valueOf(args[0]), Long.parseLong(args[1]), folder);
      run.watch(Duration.ofSeconds(Long.parseLong(args[4])));
      run.read(
          Integer.parseInt(args[2]), Integer.parseInt(args[3]), args.length > 5 ? args[5] : "");
    } finally {
      delete(folder);
    }
  }

  private void read(int from, int to, String keep) throws IOException {
    Originals.write(originals);
    byte[] original = Files.readAllBytes(kind.file(originals));
    for (int i = from; i < to; i++) {
      byte[] mutated = kind.mutated(original, random(seed, kind, i));
      Path kept = Path.of(keep, kind.name().toLowerCase(Locale.ROOT) + "-" + i);
      if (!keep.isEmpty()) {
        Files.write(Files.createDirectories(kept.getParent()).resolve(kept.getFileName()), mutated);
      }
      if (kind == FileKind.MIXTURE) { // opening one may tidy up
        delete(kind.folder(originals));
        Originals.write(originals);
      }
      Files.write(kind.file(originals), mutated);
      String outcome = outcome(i);
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

  private String outcome(int index) {
    ChildJvm.out().println(index);
    started.set(System.nanoTime());
    String outcome;
    try {
      kind.read(originals);
      outcome = OPENED;
    } catch (MoaException e) {
      String message = String.valueOf(e.getMessage());
      outcome =
          message.length() <= LONGEST_MESSAGE
              ? REFUSED
              : WRONG + "a message of " + message.length() + " characters" + place(e);
    } catch (Throwable e) { // an error, too, is a way to go wrong
      outcome = WRONG + first(e.toString()) + place(e);
    }
    started.set(Long.MAX_VALUE);
    ChildJvm.out().println(outcome);
    return outcome;
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

  /** Ends the process when a file takes too long: the thread that reads it cannot be stopped. */
  private void watch(Duration longest) {
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                if (System.nanoTime() - started.get() > longest.toNanos()
                    && started.get() != Long.MAX_VALUE) {
                  ChildJvm.out()
                      .println(WRONG + "still reading after " + longest.toSeconds() + " s");
                  Runtime.getRuntime().halt(REST);
                }
                try {
                  Thread.sleep(100);
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
