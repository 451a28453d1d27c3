package io.github.moa4j.examples.study.report.records;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a comparison of methods measured. Parts that were not measured are empty.
 *
 * @param title of the report
 * @param machine what it ran on
 * @param command the command line that makes it again
 * @param settings budgets, seeds and the like, in the order to show them
 * @param data what was found in the data before training
 * @param tuning how batch sizes and learning rates were chosen
 * @param runs one entry a method and seed, methods in the order to show them
 * @param routing one entry a router
 * @param robustness one entry a form of prompts
 * @param unknownDomains one entry an unknown domain or text
 * @param interference between the domains' adapters
 * @param iteration the steps, in order
 * @param ablations the settings, grouped by ablation
 * @param adaptation warm starts
 * @param learningCurves points in the order of the examples, grouped by domain
 * @param twoDomains inputs that need two domains
 * @param caseStudies prompts with every method's answer
 * @param claims what the paper and the project say, and what was found
 */
public record ComparisonResults(
    String title,
    String machine,
    String command,
    Map<String, String> settings,
    List<DataFigures> data,
    List<TuningChoice> tuning,
    List<MethodRun> runs,
    List<RoutingScore> routing,
    List<RobustnessRow> robustness,
    List<UnknownDomainRow> unknownDomains,
    Optional<InterferenceFigures> interference,
    List<IterationStep> iteration,
    List<AblationRow> ablations,
    List<AdaptationFigures> adaptation,
    List<LearningCurvePoint> learningCurves,
    List<TwoDomainRow> twoDomains,
    List<CaseStudy> caseStudies,
    List<Claim> claims) {
  /** Copies the collections, keeping their order. */
  public ComparisonResults {
    settings = Ordered.copy(settings);
    data = List.copyOf(data);
    tuning = List.copyOf(tuning);
    runs = List.copyOf(runs);
    routing = List.copyOf(routing);
    robustness = List.copyOf(robustness);
    unknownDomains = List.copyOf(unknownDomains);
    iteration = List.copyOf(iteration);
    ablations = List.copyOf(ablations);
    adaptation = List.copyOf(adaptation);
    learningCurves = List.copyOf(learningCurves);
    twoDomains = List.copyOf(twoDomains);
    caseStudies = List.copyOf(caseStudies);
    claims = List.copyOf(claims);
  }
}
