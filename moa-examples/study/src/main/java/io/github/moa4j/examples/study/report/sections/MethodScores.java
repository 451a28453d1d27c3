package io.github.moa4j.examples.study.report.sections;

import io.github.moa4j.examples.study.report.page.Spread;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.MethodRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The runs of all methods, grouped by method, in the order given. */
final class MethodScores {

  /** The method whose adapter is named by the label: what routing can at best reach. */
  static final String ORACLE = "single-lora";

  /** Below this quality, chance decides over shares of it. */
  static final double LOWEST_ORACLE = 0.02;

  private final Map<String, List<MethodRun>> runs = new LinkedHashMap<>();
  private final Set<String> domains = new LinkedHashSet<>();

  MethodScores(List<MethodRun> allRuns) {
    for (MethodRun run : allRuns) {
      runs.computeIfAbsent(run.method(), name -> new ArrayList<>()).add(run);
      domains.addAll(run.domains().keySet());
    }
  }

  List<String> methods() {
    return List.copyOf(runs.keySet());
  }

  /** The place of a method, which decides its colour in all plots. */
  int index(String method) {
    return methods().indexOf(method);
  }

  List<MethodRun> runs(String method) {
    return runs.getOrDefault(method, List.of());
  }

  /** The run that stands for the method where one is shown: its first seed. */
  MethodRun first(String method) {
    return runs(method).get(0);
  }

  /** The domains for which a figure was measured with any method. */
  List<String> domains(ToDoubleFunction<DomainScore> figure) {
    return domains.stream()
        .filter(
            domain ->
                runs.values().stream()
                    .flatMap(List::stream)
                    .anyMatch(run -> !Double.isNaN(score(run, domain, figure))))
        .toList();
  }

  Spread spread(String method, ToDoubleFunction<MethodRun> figure) {
    return Spread.of(runs(method).stream().mapToDouble(figure));
  }

  Spread spread(String method, String domain, ToDoubleFunction<DomainScore> figure) {
    return spread(method, run -> score(run, domain, figure));
  }

  /** Over the domains that any method was measured on; NaN for a run that lacks one of them. */
  Spread mean(String method, ToDoubleFunction<DomainScore> figure) {
    List<String> measured = domains(figure);
    return spread(
        method,
        run ->
            measured.stream().mapToDouble(d -> score(run, d, figure)).average().orElse(Double.NaN));
  }

  /** Over the domains that any method was measured on; NaN for a run that lacks one of them. */
  Spread geometricMeanPerplexity(String method) {
    List<String> measured = domains(DomainScore::perplexity);
    return spread(
        method,
        run ->
            Math.exp(
                measured.stream()
                    .mapToDouble(d -> Math.log(score(run, d, DomainScore::perplexity)))
                    .average()
                    .orElse(Double.NaN)));
  }

  /** Of the oracle's mean answer quality in a domain; NaN where the oracle has next to none. */
  Spread shareOfOracle(String method, String domain) {
    double oracle = spread(ORACLE, domain, MethodScores::quality).mean();
    return spread(
        method,
        run ->
            oracle >= LOWEST_ORACLE
                ? score(run, domain, MethodScores::quality) / oracle
                : Double.NaN);
  }

  /**
   * The mean quality over all domains, of the oracle's. (The mean of the domains' shares would be
   * ruled by those in which the oracle has next to nothing.)
   */
  Spread shareOfOracle(String method) {
    List<String> measured = domains(MethodScores::quality);
    double oracle = mean(ORACLE, MethodScores::quality).mean();
    return spread(
        method,
        run ->
            measured.stream()
                    .mapToDouble(d -> score(run, d, MethodScores::quality))
                    .average()
                    .orElse(Double.NaN)
                / oracle);
  }

  /** ROUGE-L where answers are texts, exact match where they are labels. */
  static double quality(DomainScore score) {
    return Double.isNaN(score.rougeL()) ? score.exactMatch() : score.rougeL();
  }

  private static double score(MethodRun run, String domain, ToDoubleFunction<DomainScore> figure) {
    DomainScore score = run.domains().get(domain);
    return score == null ? Double.NaN : figure.applyAsDouble(score);
  }
}
