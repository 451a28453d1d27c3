package io.github.moa4j.examples.study.comparison;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.examples.study.methods.Adapters;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.methods.TrainingWatch;
import io.github.moa4j.examples.study.methods.Trainings;
import io.github.moa4j.examples.study.report.records.AdaptationFigures;
import io.github.moa4j.examples.study.report.records.CurvePoint;
import io.github.moa4j.examples.study.report.records.LearningCurvePoint;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TwoDomainRow;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.AnswerLoss;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How fast a new domain is learned, from how much data, and inputs that need two domains. */
final class Adaptation {

  private static final int BATCH = 32;
  private static final int EVALUATIONS = 10; // a pass, to see when a target is reached

  private final Workbench bench;
  private final Trainings trainings;
  private final List<LoraAdapter> adapters;
  private final Setting setting;

  Adaptation(Workbench bench, Trainings trainings, List<LoraAdapter> adapters, Setting setting) {
    this.bench = bench;
    this.trainings = trainings;
    this.adapters = adapters;
    this.setting = setting;
  }

  /** The first, the middle and the last domain. */
  private List<Domain> some() {
    List<Domain> all = bench.domains();
    return List.of(all.get(0), all.get(all.size() / 2), all.get(all.size() - 1)).stream()
        .distinct()
        .toList();
  }

  /** A fresh start against one from the adapter of another domain that fits best. */
  List<AdaptationFigures> warmStarts() {
    return bench
        .store()
        .computeIfAbsent(
            "adaptation",
            new TypeReference<>() {},
            () -> some().stream().map(this::warmStart).toList());
  }

  private AdaptationFigures warmStart(Domain domain) {
    Progress.say("warm start of %s", domain.name());
    int source = closest(domain);
    List<CurvePoint> fresh = curve(Optional.empty(), domain);
    List<CurvePoint> warm = curve(Optional.of(adapters.get(source)), domain);
    // What a fresh start has reached at four fifths of its way down.
    double top = fresh.get(0).loss();
    double bottom = fresh.stream().mapToDouble(CurvePoint::loss).min().orElseThrow();
    double target = bottom + 0.2 * (top - bottom);
    return new AdaptationFigures(
        domain.name(),
        bench.names().get(source),
        target,
        tokensTo(target, fresh),
        tokensTo(target, warm),
        fresh,
        warm);
  }

  /** The other domain whose adapter has the lowest loss on this domain's selection examples. */
  private int closest(Domain domain) {
    int best = -1;
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < adapters.size(); i++) {
      if (!bench.names().get(i).equals(domain.name())) {
        try (AppliedLora weights = bench.model().load(adapters.get(i))) {
          double loss =
              AnswerLoss.mean(
                  bench.model(), bench.selection(domain), AdapterChoice.of(weights), BATCH);
          if (loss < lowest) {
            lowest = loss;
            best = i;
          }
        }
      }
    }
    return best;
  }

  private List<CurvePoint> curve(Optional<LoraAdapter> start, Domain domain) {
    TrainingWatch watch = new TrainingWatch();
    TrainingOptions options = options().toBuilder().evaluationsPerEpoch(EVALUATIONS).build();
    TrainingResult result =
        trainings.further(start, domain, options, bench.settings().trainingExamples(), watch);
    return watch.log(setting, 0, 0, result.validationLoss()).validationCurve();
  }

  private TrainingOptions options() {
    return bench.options(bench.lora(bench.settings().rank()), setting, 1);
  }

  private static long tokensTo(double target, List<CurvePoint> curve) {
    return curve.stream()
        .filter(point -> point.loss() <= target)
        .mapToLong(CurvePoint::tokens)
        .findFirst()
        .orElse(-1);
  }

  /** Perplexity of domains by the number of examples they are learned from. */
  List<LearningCurvePoint> learningCurves() {
    return bench
        .store()
        .computeIfAbsent("learning-curves", new TypeReference<>() {}, this::measureCurves);
  }

  private List<LearningCurvePoint> measureCurves() {
    List<LearningCurvePoint> points = new ArrayList<>();
    for (Domain domain : some()) {
      for (int share : List.of(8, 4, 2, 1)) {
        int examples = Math.max(2, bench.settings().trainingExamples() / share);
        Progress.say("learning curve: %d examples of %s", examples, domain.name());
        TrainingResult result =
            trainings.further(Optional.empty(), domain, options(), examples, new TrainingWatch());
        try (AppliedLora weights = bench.model().load(result.adapter())) {
          points.add(
              new LearningCurvePoint(
                  domain.name(),
                  examples,
                  new Scoring(bench).perplexity(domain, RoutedMixture.shared(weights))));
        }
      }
    }
    return points;
  }

  /** Two prompts in one, answered by both answers: one adapter against a mixture of two. */
  List<TwoDomainRow> twoDomains(Router router) {
    return bench
        .store()
        .computeIfAbsent("two-domains", new TypeReference<>() {}, () -> measurePairs(router));
  }

  private List<TwoDomainRow> measurePairs(Router router) {
    List<TwoDomainRow> rows = new ArrayList<>();
    List<Domain> domains = bench.domains();
    try (Adapters loaded = new Adapters(bench.model(), bench.names(), adapters)) {
      for (int i = 0; i + 1 < domains.size(); i += 2) {
        Domain first = domains.get(i);
        Domain second = domains.get(i + 1);
        List<Example> items = composed(first, second);
        List<RoutingDecision> decisions = bench.evaluator().route(router, items);
        rows.add(
            new TwoDomainRow(
                first.name() + " + " + second.name(),
                perplexity(items, Collections.nCopies(items.size(), AdapterChoice.base())),
                perplexity(
                    items,
                    decisions.stream()
                        .map(decision -> AdapterChoice.of(loaded.of(decision.mostProbable())))
                        .toList()),
                perplexity(
                    items,
                    decisions.stream()
                        .map(decision -> RoutedMixture.topTwo(decision, loaded))
                        .toList())));
      }
    }
    return rows;
  }

  private List<Example> composed(Domain first, Domain second) {
    int count =
        Math.min(
            bench.settings().answers(),
            Math.min(first.validation().size(), second.validation().size()));
    List<Example> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Example one = first.validation().get(i);
      Example other = second.validation().get(i);
      items.add(Example.of(text(one) + "\n" + text(other), one.answer() + "\n" + other.answer()));
    }
    return items;
  }

  private static String text(Example example) {
    return example.prompt().stream().map(ChatMessage::content).collect(Collectors.joining("\n"));
  }

  private double perplexity(List<Example> items, List<AdapterChoice> choices) {
    return bench.evaluator().perplexities(items, choices).stream()
        .reduce(Perplexity.NONE, Perplexity::plus)
        .value();
  }
}
