package io.github.moa4j.examples.study;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import io.github.moa4j.examples.study.reliability.KillCampaign;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Kills processes that change a mixture, and looks whether a change is lost or torn. */
@Command(
    name = "KilledWriters",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Two processes add, replace, remove, activate, roll back and sign the adapters of a mixture,"
          + " three others read it and check every signature. Writers are killed (SIGKILL) at random"
          + " instants.",
      "Right is a mixture that holds every change that was said to be committed, each whole, and"
          + " nothing else. Exit code 1 if it ever does not."
    })
public final class KilledWriters implements Callable<Integer> {

  private static final int MOST_DAYS = 4000;

  @Option(
      names = "--instants",
      defaultValue = "500",
      description = "Kills that fall within a change. Default: ${DEFAULT-VALUE}.")
  private int instants;

  @Option(names = "--seed", defaultValue = "1", description = "Which instants. Default: 1.")
  private long seed;

  @Option(
      names = "--faketime",
      paramLabel = "LIBRARY",
      description =
          "The path of libfaketimeMT.so.1: every new writer lives some years before or after this"
              + " day, by chance. Default: today.")
  private Optional<Path> faketime = Optional.empty();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 1 if a change was lost or torn. */
  public static void main(String[] args) {
    System.exit(Commands.run(new KilledWriters(), args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    KillCampaign.Tally tally;
    try (TemporaryFolder folder = TemporaryFolder.create("killed")) {
      tally = KillCampaign.run(folder.path(), instants, seed, times());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoaException("Interrupted.", e);
    }
    out.println("| killed within | instants |\n| --- | ---: |");
    tally.kills().forEach((kind, count) -> out.printf(Locale.ROOT, "| %s | %,d |%n", kind, count));
    out.printf(
        Locale.ROOT,
        "%nbetween two changes: %,d; changes committed: %,d; states read: %,d; wrong: %,d; %.0f s%n",
        tally.between(),
        tally.changes(),
        tally.reads(),
        tally.wrong().size(),
        (System.nanoTime() - start) / 1e9);
    tally.wrong().forEach(out::println);
    out.flush();
    return tally.wrong().isEmpty() ? 0 : 1;
  }

  private Supplier<Map<String, String>> times() {
    Random random = new Random(seed);
    return () ->
        faketime
            .map(
                library ->
                    Map.of(
                        "LD_PRELOAD",
                        library.toString(),
                        "FAKETIME",
                        "%+dd".formatted(random.nextInt(-MOST_DAYS, MOST_DAYS)),
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1"))
            .orElse(Map.of());
  }
}
