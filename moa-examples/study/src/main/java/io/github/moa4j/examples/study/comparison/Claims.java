package io.github.moa4j.examples.study.comparison;

import io.github.moa4j.examples.study.methods.MethodRuns;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.Claim;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the paper says and what this project aims at, against what was measured. */
public final class Claims {

  /** The least accuracy wanted, by the form of the prompts. */
  private static final Map<String, Double> GOALS =
      Map.of(
          "as written", 0.995,
          "without input", 0.96,
          "lower-cased", 0.98,
          "upper-cased", 0.99,
          "no-break spaces, CRLF", 0.99,
          "first eight words", 0.91,
          "with typing errors", 0.98);

  private final List<MethodRun> runs;
  private final List<RoutingScore> routers;
  private final List<RobustnessRow> forms;
  private final List<UnknownDomainRow> unknown;
  private final List<IterationStep> iteration;
  private final List<AblationRow> ablations;
  private final List<Claim> claims = new ArrayList<>();

  Claims(
      List<MethodRun> runs,
      List<RoutingScore> routers,
      List<RobustnessRow> forms,
      List<UnknownDomainRow> unknown,
      List<IterationStep> iteration,
      List<AblationRow> ablations) {
    this.runs = runs;
    this.routers = routers;
    this.forms = forms;
    this.unknown = unknown;
    this.iteration = iteration;
    this.ablations = ablations;
  }

  List<Claim> all() {
    double moa = perplexity(MethodRuns.MOA);
    below("MoA has a lower perplexity than one adapter on the mixed data", moa, MethodRuns.MIXED);
    below("MoA has a lower perplexity than MoE-LoRA (top 1)", moa, MethodRuns.MOE);
    below(
        "MoA has a lower perplexity than one adapter on the mixed data with as many parameters",
        moa,
        MethodRuns.LARGE);
    within("MoA is within 2 % of the oracle's single adapters", moa, MethodRuns.SINGLE);
    within(
        "MoA with a joint stage is within 2 % of the oracle's single adapters",
        perplexity(MethodRuns.JOINT), MethodRuns.SINGLE);
    for (RoutingScore router : routers) {
      if (router.router().equals("layer-wise") || router.router().equals("ridge")) {
        claim(
            "Routing accuracy of the %s router is 0.99 or more".formatted(router.router()),
            router.accuracy() >= 0.99,
            "%.4f",
            router.accuracy());
      }
    }
    robustness();
    ablation(
        "Domain labels help: perplexity with trained experts",
        "labels, trained experts",
        "no labels, trained experts");
    ablation(
        "Initialisation from trained adapters helps: perplexity with labels",
        "labels, trained experts",
        "labels, random experts");
    iteration();
    return List.copyOf(claims);
  }

  private void claim(String claim, boolean holds, String format, Object... arguments) {
    claims.add(new Claim(claim, holds, String.format(Locale.ROOT, format, arguments)));
  }

  private void robustness() {
    for (RobustnessRow row : forms) {
      double goal = GOALS.get(row.form());
      double own = row.accuracyByRouter().get("layer-wise");
      double words = row.accuracyByRouter().get("bag-of-words");
      double trigrams = row.accuracyByRouter().get("bag-of-trigrams");
      claim(
          "Layer-wise routing of prompts %s: %s or more, and above bags of words and of trigrams"
              .formatted(row.form(), goal),
          own >= goal && own > Math.max(words, trigrams),
          "%.4f; words %.4f, trigrams %.4f",
          own,
          words,
          trigrams);
    }
    double auroc =
        unknown.stream()
            .filter(row -> !row.unknown().endsWith(".txt"))
            .mapToDouble(row -> row.aurocByRouter().get("layer-wise"))
            .average()
            .orElse(Double.NaN);
    claim(
        "A domain that was left out is told from the known ones: mean AUROC 0.90 or more",
        auroc >= 0.9,
        "%.3f with the layer-wise router",
        auroc);
  }

  private void below(String claim, double moa, String other) {
    claim(claim, moa < perplexity(other), "%.3f against %.3f", moa, perplexity(other));
  }

  private void within(String claim, double moa, String oracle) {
    double ratio = moa / perplexity(oracle);
    claim(claim, ratio <= 1.02, "%.4f of its perplexity", ratio);
  }

  private void ablation(String claim, String with, String without) {
    double kept = ablated(with);
    double taken = ablated(without);
    claim(claim, kept < taken, "%.3f with, %.3f without", kept, taken);
  }

  private double ablated(String setting) {
    return ablations.stream()
        .filter(row -> row.setting().equals(setting))
        .mapToDouble(AblationRow::perplexity)
        .findFirst()
        .orElse(Double.NaN);
  }

  private void iteration() {
    boolean files = iteration.stream().allMatch(IterationStep::otherFilesUnchanged);
    boolean answers = iteration.stream().allMatch(IterationStep::otherPerplexitiesUnchanged);
    claim(
        "Adding, retraining and removing a domain changes nothing of the others",
        files && answers,
        "files %s, perplexities %s",
        files ? "identical" : "CHANGED",
        answers ? "identical" : "CHANGED");
    double slowest = iteration.stream().mapToDouble(IterationStep::ridgeSeconds).max().orElse(0);
    claim(
        "The closed-form router is fitted again in under a second",
        slowest < 1,
        "%.3f s at most",
        slowest);
    Map<String, Double> shared =
        iteration.stream()
            .map(IterationStep::sharedPerplexity)
            .filter(found -> !found.isEmpty())
            .reduce((first, second) -> second)
            .orElse(Map.of());
    Map<String, Double> mixture =
        iteration.stream()
            .filter(step -> step.mixturePerplexity().keySet().equals(shared.keySet()))
            .map(IterationStep::mixturePerplexity)
            .findFirst()
            .orElse(Map.of());
    if (!shared.isEmpty() && !mixture.isEmpty()) {
      double forgotten = Scoring.geometricMean(shared.values());
      double kept = Scoring.geometricMean(mixture.values());
      claim(
          "One adapter trained domain after domain forgets, the mixture does not",
          kept < forgotten,
          "geometric-mean perplexity %.2f for the mixture, %.2f for the shared adapter",
          kept,
          forgotten);
    }
  }

  /** Geometric mean over domains and seeds. */
  private double perplexity(String method) {
    return Scoring.geometricMean(
        runs.stream()
            .filter(run -> run.method().equals(method))
            .flatMap(run -> run.domains().values().stream())
            .map(DomainScore::perplexity)
            .toList());
  }
}
