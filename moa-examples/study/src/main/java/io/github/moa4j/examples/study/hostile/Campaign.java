package io.github.moa4j.examples.study.hostile;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files of one kind, read in child processes: when one ends, the next goes on behind the file. */
public final class Campaign {

  private static final List<String> SMALL_JVM =
      List.of(
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dai.djl.offline=true",
          // A crash is what is looked for: its exit code is enough.
          "-XX:+SuppressFatalErrorMessage");

  /**
   * A file that was neither opened nor refused.
   *
   * @param index its number
   * @param what what happened instead
   */
  public record Wrong(FileKind kind, int index, String what) {}

  /**
   * How files of a kind went.
   *
   * @param wrong the list of those that went neither way
   */
  public record Tally(FileKind kind, int opened, int refused, List<Wrong> wrong) {

    /** Copies the list. */
    public Tally {
      wrong = List.copyOf(wrong);
    }

    /** Returns how many files there were. */
    public int tried() {
      return opened + refused + wrong.size();
    }
  }

  private final FileKind kind;
  private final List<Wrong> wrong = new ArrayList<>();
  private Optional<Integer> reading = Optional.empty();
  private int next;
  private int opened;
  private int refused;

  private Campaign(FileKind kind, int from) {
    this.kind = kind;
    this.next = from;
  }

  /**
   * Reads files.
   *
   * @param seed which files these are, together with their numbers
   * @param from number of the first
   * @param count how many
   * @param seconds how long reading one may take, of processor time
   * @param keep a folder for the files that go wrong
   * @throws MoaException if the processes cannot be run
   */
  public static Tally run(
      FileKind kind, long seed, int from, int count, int seconds, Optional<String> keep) {
    Campaign campaign = new Campaign(kind, from);
    try {
      Path originals = Files.createTempDirectory("moa4j-hostile");
      try {
        campaign.run(seed, from + count, seconds, originals, keep);
      } finally {
        HostileRun.delete(originals);
      }
    } catch (IOException e) {
      throw new MoaException("Cannot write the files of kind " + kind + ": " + e, e);
    }
    return new Tally(kind, campaign.opened, campaign.refused, campaign.wrong);
  }

  private void run(long seed, int to, int seconds, Path originals, Optional<String> keep) {
    while (next < to) {
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of(kind.name(), "" + seed, "" + next, "" + to));
      arguments.addAll(List.of("" + seconds, originals.toString()));
      keep.ifPresent(arguments::add);
      int before = next;
      int code =
          ChildJvm.run(
              SMALL_JVM, Map.of(), HostileRun.class, arguments, Redirect.DISCARD, this::accept);
      ended(code, before);
    }
  }

  private void accept(String line) {
    if (line.equals(HostileRun.OPENED)) {
      opened++;
      reading = Optional.empty();
    } else if (line.equals(HostileRun.REFUSED)) {
      refused++;
      reading = Optional.empty();
    } else if (line.startsWith(HostileRun.WRONG)) {
      wrong(line.substring(HostileRun.WRONG.length()));
    } else if (line.matches("\\d{1,9}")) {
      reading = Optional.of(Integer.parseInt(line));
      next = reading.get() + 1;
    }
  }

  private void wrong(String what) {
    wrong.add(new Wrong(kind, reading.orElseThrow(), what));
    reading = Optional.empty();
  }

  private void ended(int code, int before) {
    if (reading.isPresent()) {
      wrong("the process ended with code " + code);
    } else if (next == before) {
      throw new MoaException(
          "The process that reads files of kind "
              + kind
              + " ended with code "
              + code
              + " before the"
              + " first.");
    }
  }
}
