package io.github.moa4j.examples.study.comparison;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.examples.measurement.BagOfFeatures;
import io.github.moa4j.examples.study.ablations.Ablations;
import io.github.moa4j.examples.study.methods.MethodRuns;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.methods.Trainings;
import io.github.moa4j.examples.study.methods.Tuning;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.AdaptationFigures;
import io.github.moa4j.examples.study.report.records.CaseStudy;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.DataFigures;
import io.github.moa4j.examples.study.report.records.InterferenceFigures;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.LearningCurvePoint;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.report.records.TwoDomainRow;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import io.github.moa4j.examples.study.workbench.ComparisonIdentity;
import io.github.moa4j.examples.study.workbench.ComparisonSettings;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.arrow.ArrowRouter;
import io.github.moa4j.router.arrow.ArrowSettings;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.training.data.DataReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.merging.AdapterInterference;
import io.github.moa4j.training.merging.AdapterSimilarity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Every method on the same domains, with the same number of answer tokens. Parts that are stored in
 * the output folder are not computed again.
 */
public final class Comparison {

  private static final int CASES = 3;
  private static final int CALIBRATION_PROMPTS = 50;

  private final Workbench bench;

  /**
   * Prepares a comparison.
   *
   * @param output folder of the results, and of the adapters that are trained
   * @throws io.github.moa4j.core.MoaException if the folder holds results of other settings, data,
   *     base or precision
   */
  public Comparison(
      BaseModel model,
      PromptEncoder prompts,
      List<Domain> domains,
      ComparisonSettings settings,
      Path output) {
    this.bench = new Workbench(model, prompts, domains, settings, output);
  }

  /** Returns what the comparison in an output folder computes in, if there is one. */
  public static Optional<WeightFormat> precision(Path output) {
    return ComparisonIdentity.stored(Workbench.parts(output)).map(ComparisonIdentity::precision);
  }

  /**
   * Runs what is not stored yet.
   *
   * @param machine what it runs on
   * @param command the command line that makes it again
   * @param texts folders with texts of no domain, which routers should abstain from
   */
  public ComparisonResults run(String machine, String command, List<Path> texts) {
    Trainings trainings = new Trainings(bench);
    MethodRuns methods = new MethodRuns(bench, trainings, tuning(false));
    List<DataFigures> data = data();
    methods.base();
    methods.singleLora(1);
    RoutedMixture mixture = mixture(methods);
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    firstSeed(methods, mixture);
    RoutingFigures routing = new RoutingFigures(bench, mixture);
    List<RoutingScore> routers =
        List.of(
            routing.of("layer-wise", router),
            routing.of("ridge", mixture.router(RouterKind.RIDGE)),
            routing.of("arrow", arrow(methods.single(1).adapters())),
            routing.bag("bag-of-words", BagOfFeatures.Feature.WORD),
            routing.bag("bag-of-trigrams", BagOfFeatures.Feature.TRIGRAM));
    Robustness robustness = new Robustness(bench, mixture);
    List<RobustnessRow> forms = robustness.forms();
    List<UnknownDomainRow> unknown = robustness.unknown(texts);
    Setting setting = methods.setting(MethodRuns.SINGLE);
    List<IterationStep> iteration = new Iteration(bench, trainings, mixture, setting).steps();
    List<AblationRow> ablations = new Ablations(bench, trainings, methods, mixture, router).rows();
    Adaptation adaptation = new Adaptation(bench, trainings, methods.single(1).adapters(), setting);
    List<AdaptationFigures> warmStarts = adaptation.warmStarts();
    List<LearningCurvePoint> learningCurves = adaptation.learningCurves();
    List<TwoDomainRow> twoDomains = adaptation.twoDomains(router);
    for (long seed = 2; seed <= bench.settings().seeds(); seed++) {
      mainMethods(methods, mixture, seed);
    }
    Map<String, String> settings = new LinkedHashMap<>(bench.settings().shown());
    settings.put(
        "base", bench.model().directory().getFileName() + ", " + bench.model().weightFormat());
    return new ComparisonResults(
        "Methods compared on %d domains".formatted(bench.domains().size()),
        machine,
        command,
        settings,
        data,
        methods.choices(),
        methods.runs(),
        routers,
        forms,
        unknown,
        Optional.of(interference(methods.single(1).adapters())),
        iteration,
        ablations,
        warmStarts,
        learningCurves,
        twoDomains,
        caseStudies(methods.runs()),
        new Claims(methods.runs(), routers, forms, unknown, iteration, ablations).all());
  }

  /** Only chooses the settings of some methods, as {@link #run} then finds them. */
  public List<TuningChoice> tune(List<String> names) {
    MethodRuns methods = new MethodRuns(bench, new Trainings(bench), tuning(false));
    names.forEach(methods::setting);
    return methods.tuned();
  }

  /**
   * Only trains and measures some of the main methods, with every seed, at the best of the settings
   * that have been tried so far.
   *
   * @throws io.github.moa4j.core.MoaException if no setting of one of them has been tried
   */
  public List<MethodRun> measure(List<String> names) {
    MethodRuns methods = new MethodRuns(bench, new Trainings(bench), tuning(true));
    List<LongConsumer> measured = names.stream().map(name -> method(methods, name)).toList();
    for (long seed = 1; seed <= bench.settings().seeds(); seed++) {
      for (LongConsumer method : measured) {
        method.accept(seed);
      }
    }
    return methods.runs();
  }

  /** What measures a main method with a seed. */
  private LongConsumer method(MethodRuns methods, String name) {
    return switch (name) {
      case MethodRuns.SINGLE -> methods::singleLora;
      case MethodRuns.BY_DOMAIN -> methods::singleLoraByDomain;
      case MethodRuns.MIXED -> methods::mixed;
      case MethodRuns.LARGE -> methods::mixedLarge;
      case MethodRuns.MOE -> seed -> methods.moeLora(name, 1, seed);
      case MethodRuns.MOA -> {
        RoutedMixture mixture = mixture(methods);
        yield seed -> methods.moa(mixture, seed);
      }
      case MethodRuns.MOA_BY_DOMAIN -> {
        RoutedMixture mixture = mixture(methods);
        yield seed -> methods.moaByDomain(mixture, seed);
      }
      case MethodRuns.JOINT -> {
        RoutedMixture mixture = mixture(methods);
        yield seed -> methods.moaJoint(mixture, seed);
      }
      default ->
          throw new MoaException(
              "There is no main method " + name + ". They are: " + MethodRuns.MAIN + ".");
    };
  }

  private Tuning tuning(boolean onlyStored) {
    return new Tuning(bench.settings(), bench.store(), onlyStored);
  }

  private RoutedMixture mixture(MethodRuns methods) {
    return RoutedMixture.of(
        bench, methods.setting(MethodRuns.SINGLE), named(methods.single(1).adapters()));
  }

  /** A router made of the adapters themselves, calibrated on prompts without labels. */
  private Router arrow(List<LoraAdapter> adapters) {
    List<PromptStates> prompts = new ArrayList<>();
    for (Domain domain : bench.domains()) {
      prompts.addAll(
          bench.evaluator().states(Workbench.first(domain.train(), CALIBRATION_PROMPTS)));
    }
    return ArrowRouter.of(named(adapters), ArrowSettings.forCalibration()).calibrated(prompts);
  }

  private Map<String, LoraAdapter> named(List<LoraAdapter> adapters) {
    Map<String, LoraAdapter> named = new LinkedHashMap<>();
    for (int i = 0; i < adapters.size(); i++) {
      named.put(bench.names().get(i), adapters.get(i));
    }
    return named;
  }

  private InterferenceFigures interference(List<LoraAdapter> adapters) {
    AdapterSimilarity overall = AdapterInterference.between(named(adapters)).overall();
    return new InterferenceFigures(
        bench.names(),
        overall.deltaCosine(),
        overall.rowSpaceCosine(),
        overall.columnSpaceCosine());
  }

  private List<DataFigures> data() {
    return bench.domains().stream()
        .map(DataReport::of)
        .map(
            report ->
                new DataFigures(
                    report.domain(),
                    report.train(),
                    report.validation(),
                    report.withinTrain().examples().size(),
                    report.withinTrain().nearPrompts().size(),
                    report.seenInTraining().examples().size()
                        + report.seenInTraining().prompts().size()
                        + report.seenInTraining().nearPrompts().size()))
        .toList();
  }

  private void firstSeed(MethodRuns methods, RoutedMixture mixture) {
    mainMethods(methods, mixture, 1);
    methods.routingModes(mixture);
    methods.moeLora("moe-lora-top2", 2, 1);
    methods.activated(mixture, 1);
    methods.merged();
  }

  private void mainMethods(MethodRuns methods, RoutedMixture mixture, long seed) {
    methods.singleLora(seed);
    methods.moa(mixture, seed);
    methods.singleLoraByDomain(seed);
    methods.moaByDomain(mixture, seed);
    methods.moaJoint(mixture, seed);
    methods.mixed(seed);
    methods.mixedLarge(seed);
    methods.moeLora(MethodRuns.MOE, 1, seed);
  }

  /** The first questions of every domain with the answers of each method's first seed. */
  private List<CaseStudy> caseStudies(List<MethodRun> runs) {
    List<CaseStudy> cases = new ArrayList<>();
    for (Domain domain : bench.domains()) {
      List<Example> items =
          Workbench.first(domain.validation(), Math.min(CASES, bench.settings().answers()));
      for (int i = 0; i < items.size(); i++) {
        Map<String, String> answers = new LinkedHashMap<>();
        for (MethodRun run : runs) {
          if (run.seed() == 1) {
            answers.put(run.method(), run.answers().get(domain.name()).get(i));
          }
        }
        cases.add(
            new CaseStudy(
                domain.name(),
                items.get(i).prompt().stream()
                    .map(message -> message.content())
                    .collect(Collectors.joining("\n")),
                items.get(i).answer(),
                answers));
      }
    }
    return cases;
  }
}
