package io.github.moa4j.examples.study.scale;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.ridge.RidgeSums;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What a ridge router of many domains costs, and how right it is. */
public final class ManyRouted {

  private static final String BASE = "measured";
  private static final int REPETITIONS = 5;

  private final Path folder;
  private final PrintWriter out;

  /**
   * Creates a measurement.
   *
   * @param folder takes a statistics file a domain
   */
  public ManyRouted(Path folder, PrintWriter out) {
    this.folder = folder;
    this.out = out;
  }

  /** Gives the prompts of a domain, the same at each call. */
  public interface Prompts {

    /** Returns prompts to learn from, or to be tested with. */
    List<PromptStates> of(int domain, boolean test);
  }

  /** Measures so many domains. */
  public void measure(String name, int domains, List<Integer> states, Prompts prompts) {
    List<Path> files = new ArrayList<>();
    long bytes = 0;
    for (int k = 0; k < domains; k++) {
      List<PromptStates> own = prompts.of(k, false);
      DomainStatistics statistics =
          DomainStatistics.empty(
              Integer.toString(k), Pooling.MEAN_AND_LAST, states, own.get(0).hiddenSize());
      statistics.add(own);
      files.add(folder.resolve(k + ".safetensors"));
      statistics.write(files.get(k), BASE);
      bytes = files.get(k).toFile().length();
    }
    double reading = Double.MAX_VALUE;
    double refit = Double.MAX_VALUE;
    RidgeRouter router = null;
    long before = heap();
    for (int i = 0; i < REPETITIONS; i++) {
      long start = System.nanoTime();
      files.forEach(file -> DomainStatistics.read(file, BASE));
      reading = Math.min(reading, seconds(start));
      start = System.nanoTime();
      router =
          RidgeRouter.fit(
              () -> files.stream().map(file -> DomainStatistics.read(file, BASE)).iterator(),
              RidgeSettings.defaults());
      refit = Math.min(refit, seconds(start));
    }
    long held = heap() - before;
    double adding = adding(folder.resolve("sums.safetensors"), files);
    Score score = score(router, domains, prompts);
    files.forEach(file -> file.toFile().delete());
    new MarkdownTable(
            out,
            "Many domains: " + name,
            "domains",
            "statistics of a domain, MB",
            "refit from the files, s",
            "of that fitting, s",
            "adding one to stored sums, s",
            "heap of the router, MB",
            "decision, ms",
            "top-1",
            "top-5")
        .row(
            domains,
            "%.2f".formatted(bytes / 1e6),
            "%.2f".formatted(refit),
            "%.2f".formatted(Math.max(0, refit - reading)),
            "%.2f".formatted(adding),
            "%.0f".formatted(held / 1e6),
            "%.2f".formatted(score.milliseconds),
            "%.4f".formatted(score.first),
            "%.4f".formatted(score.amongFive));
  }

  /** Reads the sums of all domains but the last, adds that one, solves and writes. */
  private static double adding(Path file, List<Path> files) {
    RidgeSums all = new RidgeSums();
    files.subList(0, files.size() - 1).forEach(one -> all.add(DomainStatistics.read(one, BASE)));
    double least = Double.MAX_VALUE;
    for (int i = 0; i < REPETITIONS; i++) {
      all.write(file, BASE);
      long start = System.nanoTime();
      RidgeSums sums = RidgeSums.read(file, BASE);
      sums.add(DomainStatistics.read(files.get(files.size() - 1), BASE));
      sums.router(RidgeSettings.defaults());
      sums.write(file, BASE);
      least = Math.min(least, seconds(start));
    }
    return least;
  }

  private record Score(double first, double amongFive, double milliseconds) {}

  private static Score score(RidgeRouter router, int domains, Prompts prompts) {
    int first = 0;
    int amongFive = 0;
    List<Double> times = new ArrayList<>();
    for (int k = 0; k < domains; k++) {
      String own = Integer.toString(k);
      for (PromptStates prompt : prompts.of(k, true)) {
        long start = System.nanoTime();
        RoutingDecision decision = router.route(prompt);
        times.add(seconds(start) * 1000);
        List<String> ranked =
            decision.probabilities().entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(5)
                .map(Map.Entry::getKey)
                .toList();
        first += ranked.get(0).equals(own) ? 1 : 0;
        amongFive += ranked.contains(own) ? 1 : 0;
      }
    }
    double[] sorted = times.stream().mapToDouble(t -> t).sorted().toArray();
    int all = sorted.length;
    return new Score((double) first / all, (double) amongFive / all, sorted[all / 2]);
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
