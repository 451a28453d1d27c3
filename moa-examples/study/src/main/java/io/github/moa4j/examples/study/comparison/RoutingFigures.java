package io.github.moa4j.examples.study.comparison;

import io.github.moa4j.examples.measurement.BagOfFeatures;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.report.records.CalibrationBin;
import io.github.moa4j.examples.study.report.records.CoveragePoint;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Calibration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether routers choose the right domain of validation prompts, and know when they do not. */
final class RoutingFigures {

  private static final List<Double> THRESHOLDS = List.of(0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99);

  private final Workbench bench;
  private final RoutedMixture mixture;

  RoutingFigures(Workbench bench, RoutedMixture mixture) {
    this.bench = bench;
    this.mixture = mixture;
  }

  /** Measures a router on the states of inference. */
  RoutingScore of(String name, Router router) {
    return bench
        .store()
        .computeIfAbsent("routing." + name, RoutingScore.class, () -> measure(name, router));
  }

  private RoutingScore measure(String name, Router router) {
    List<String> names = bench.names();
    int[][] confusion = new int[names.size()][names.size()];
    List<Calibration.Decision> decisions = new ArrayList<>();
    for (Domain domain : bench.domains()) {
      for (RoutingDecision decision : mixture.decisions(router, domain)) {
        confusion[names.indexOf(domain.name())][names.indexOf(decision.mostProbable())]++;
        decisions.add(
            new Calibration.Decision(
                decision.confidence(), decision.mostProbable().equals(domain.name())));
      }
    }
    return score(name, confusion, new Calibration(decisions));
  }

  private RoutingScore score(String name, int[][] confusion, Calibration calibration) {
    return new RoutingScore(
        name,
        calibration.accuracy(),
        bench.names(),
        confusion,
        calibration.expectedCalibrationError(),
        calibration.bins().stream()
            .map(bin -> new CalibrationBin(bin.confidence(), bin.accuracy(), bin.count()))
            .toList(),
        THRESHOLDS.stream()
            .map(calibration::at)
            .map(at -> new CoveragePoint(at.threshold(), at.coverage(), at.accuracy()))
            .toList());
  }

  /**
   * Measures a classifier that sees only the text's features, trained on what the routers learn
   * from; it tells no confidence.
   */
  RoutingScore bag(String name, BagOfFeatures.Feature feature) {
    return bench
        .store()
        .computeIfAbsent(
            "routing." + name,
            RoutingScore.class,
            () -> {
              Map<String, List<Example>> prompts = new LinkedHashMap<>();
              for (Domain domain : bench.domains()) {
                prompts.put(domain.name(), bench.trainer().routerPrompts(domain.train()));
              }
              BagOfFeatures bag = BagOfFeatures.train(feature, prompts);
              List<String> names = bench.names();
              int[][] confusion = new int[names.size()][names.size()];
              int right = 0;
              int all = 0;
              for (Domain domain : bench.domains()) {
                for (Example example : domain.validation()) {
                  String found = bag.classify(example);
                  right += found.equals(domain.name()) ? 1 : 0;
                  all++;
                  if (names.contains(found)) {
                    confusion[names.indexOf(domain.name())][names.indexOf(found)]++;
                  }
                }
              }
              return new RoutingScore(
                  name, (double) right / all, names, confusion, Double.NaN, List.of(), List.of());
            });
  }
}
