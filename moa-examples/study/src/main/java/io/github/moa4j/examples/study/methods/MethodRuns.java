package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.training.merging.MergeMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/** Trains and measures the methods of the main table, each with its seeds. */
public final class MethodRuns {

  private static final double DENSITY = 0.2;

  private static final String BASE = "base";

  public static final String SINGLE = "single-lora";
  public static final String MIXED = "single-lora-mixed";
  public static final String LARGE = "single-lora-mixed-large";
  public static final String MOE = "moe-lora-top1";
  public static final String MOA = "moa";
  public static final String JOINT = "moa-joint";
  static final String ACTIVATED = "activated";

  /** Single adapters, each at the setting that is best for its own domain. */
  public static final String BY_DOMAIN = "single-lora-by-domain";

  /** The same, routed. */
  public static final String MOA_BY_DOMAIN = "moa-by-domain";

  /** The methods of the main table, each with every seed. */
  public static final List<String> MAIN =
      List.of(SINGLE, MOA, BY_DOMAIN, MOA_BY_DOMAIN, JOINT, MIXED, LARGE, MOE);

  private final Workbench bench;
  private final Trainings trainings;
  private final TunedTrainings tuned;
  private final Scoring scoring;
  private final List<MethodRun> runs = new ArrayList<>();

  public MethodRuns(Workbench bench, Trainings trainings, Tuning tuning) {
    this.bench = bench;
    this.trainings = trainings;
    this.tuned = new TunedTrainings(bench, trainings, tuning);
    this.scoring = new Scoring(bench);
  }

  public List<MethodRun> runs() {
    return List.copyOf(runs);
  }

  private void add(String method, long seed, Supplier<MethodRun> run) {
    if (runs.stream().anyMatch(known -> known.method().equals(method) && known.seed() == seed)) {
      return;
    }
    Progress.say("%s, seed %d", method, seed);
    runs.add(bench.store().computeIfAbsent(part(method, seed), MethodRun.class, run));
  }

  private String part(String method, long seed) {
    // What a method was trained with may yet change.
    return "run." + method + (method.equals(BASE) ? "" : "-" + tuned.shown(method)) + "." + seed;
  }

  /** Returns the setting that was chosen for a method, choosing it if need be. */
  public Setting setting(String method) {
    return tuned.setting(method);
  }

  /** The choices for all methods, those of runs that were stored before included. */
  public List<TuningChoice> choices() {
    return tuned.allChoices();
  }

  /** The choices that have been made. */
  public List<TuningChoice> tuned() {
    return tuned.choices();
  }

  /** The adapters of each domain trained alone, read if they are stored. */
  public TrainedMethod single(long seed) {
    return tuned.train(SINGLE, seed);
  }

  public TrainedMethod joint(long seed) {
    return tuned.train(JOINT, seed);
  }

  public void base() {
    add(
        BASE,
        1,
        () ->
            scoring.run(
                BASE,
                "the frozen base alone",
                1,
                TrainingLog.NONE,
                (domain, examples) -> Collections.nCopies(examples.size(), AdapterChoice.base())));
  }

  public void singleLora(long seed) {
    TrainedMethod trained = single(seed);
    add(
        SINGLE,
        seed,
        () ->
            withAdapters(
                trained,
                adapters ->
                    scoring.run(
                        SINGLE,
                        "an adapter a domain, chosen by the true label",
                        seed,
                        trained.log(),
                        RoutedMixture.byLabel(adapters))));
  }

  public void singleLoraByDomain(long seed) {
    add(
        BY_DOMAIN,
        seed,
        () -> {
          TrainedMethod trained = tuned.byDomain(seed);
          return withAdapters(
              trained,
              adapters ->
                  scoring.run(
                      BY_DOMAIN,
                      "an adapter a domain, each at its own best batch size and rate,"
                          + " chosen by the true label",
                      seed,
                      trained.log(),
                      RoutedMixture.byLabel(adapters)));
        });
  }

  public void moaByDomain(RoutedMixture mixture, long seed) {
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    routed(
        MOA_BY_DOMAIN,
        "the same adapters, layer-wise router, SEQUENCE",
        seed,
        tuned.byDomain(seed),
        adapters -> mixture.bySequence(router, adapters));
  }

  private MethodRun withAdapters(TrainedMethod trained, Function<Adapters, MethodRun> measured) {
    try (Adapters adapters = new Adapters(bench.model(), bench.names(), trained.adapters())) {
      return measured.apply(adapters);
    }
  }

  /** One adapter for all domains, of the rank of one of the mixture's. */
  public void mixed(long seed) {
    mixed(MIXED, "one adapter on the mixed data, same rank", seed);
  }

  /** One adapter for all domains, of as many parameters as all of the mixture's together. */
  public void mixedLarge(long seed) {
    mixed(LARGE, "one adapter on the mixed data, as many parameters as all adapters", seed);
  }

  private void mixed(String method, String description, long seed) {
    add(
        method,
        seed,
        () -> {
          TrainedMethod trained = tuned.train(method, seed);
          return shared(method, description, seed, trained.log(), trained.adapters().get(0));
        });
  }

  /** Measures one adapter for all domains. */
  MethodRun shared(
      String method, String description, long seed, TrainingLog log, LoraAdapter adapter) {
    try (AppliedLora weights = bench.model().load(adapter)) {
      return scoring.run(method, description, seed, log, RoutedMixture.shared(weights));
    }
  }

  /** The single adapters of all domains merged into one, in four ways. */
  public void merged() {
    int rank = bench.settings().rank();
    int wide = 4 * rank;
    merged("merged-linear", "sum of the single adapters' deltas", MergeMethod.cat());
    merged(
        "merged-ties",
        "TIES: a fifth of each delta, elected signs, mean of those that agree",
        MergeMethod.ties(DENSITY, wide));
    merged(
        "merged-dare",
        "DARE: a random fifth of each delta, scaled up, summed",
        MergeMethod.dareLinear(DENSITY, wide, 1));
    merged("merged-svd", "sum of the deltas, cut to the rank of one", MergeMethod.svd(rank));
  }

  private void merged(String method, String description, MergeMethod merging) {
    add(
        method,
        1,
        () -> {
          TrainedMethod trained = single(1);
          WeightedMerge merge = WeightedMerge.choose(bench, trained.adapters(), merging);
          return shared(
              method,
              String.format(
                  Locale.ROOT,
                  "%s; weight %.2f, chosen on the selection slice",
                  description,
                  merge.weight()),
              1,
              trained.log(),
              merge.adapter());
        });
  }

  public void moeLora(String method, int topK, long seed) {
    add(
        method,
        seed,
        () -> {
          try (TrainedMethod trained =
                  trainings
                      .moeLora(topK)
                      .train(setting(MOE), seed, bench.settings().trainingExamples());
              AppliedLora weights = trained.bank().orElseThrow().fuse()) {
            return scoring.run(
                method,
                "as many experts as domains, every token takes " + topK + ", no labels",
                seed,
                trained.log(),
                RoutedMixture.shared(weights));
          }
        });
  }

  /** The single adapters, chosen by the layer-wise router. */
  public void moa(RoutedMixture mixture, long seed) {
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    routed(
        MOA,
        "the single adapters, layer-wise router, SEQUENCE",
        seed,
        single(seed),
        adapters -> mixture.bySequence(router, adapters));
  }

  /** The single adapters in every other way of routing. */
  public void routingModes(RoutedMixture mixture) {
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    routed(
        MOA + "-ridge",
        "the single adapters, ridge router, SEQUENCE",
        1,
        single(1),
        adapters -> mixture.bySequence(mixture.router(RouterKind.RIDGE), adapters));
    routed(
        MOA + "-per-layer",
        "the single adapters, every layer follows its own router, PER_LAYER",
        1,
        single(1),
        adapters -> mixture.byLayer(mixture.perLayerRouter(adapters), adapters));
    routed(
        MOA + "-top2",
        "the single adapters, the two most probable mixed softly",
        1,
        single(1),
        adapters -> mixture.topTwo(router, adapters));
  }

  public void moaJoint(RoutedMixture mixture, long seed) {
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    routed(
        JOINT,
        "half of the passes alone, half in the joint stage; layer-wise router",
        seed,
        joint(seed),
        adapters -> mixture.bySequence(router, adapters));
  }

  private void routed(
      String method,
      String description,
      long seed,
      TrainedMethod trained,
      Function<Adapters, Scoring.Choices> choices) {
    add(
        method,
        seed,
        () ->
            withAdapters(
                trained,
                adapters ->
                    scoring.run(
                        method, description, seed, trained.log(), choices.apply(adapters))));
  }

  public void activated(RoutedMixture mixture, long seed) {
    LayerwiseRouter router = (LayerwiseRouter) mixture.router(RouterKind.LAYERWISE);
    activated(
        ACTIVATED,
        "adapters from the answer's opening on, chosen by the true label",
        seed,
        RoutedMixture::byLabel);
    activated(
        ACTIVATED + "-routed",
        "adapters from the answer's opening on, layer-wise router",
        seed,
        adapters -> mixture.bySequence(router, adapters));
  }

  private void activated(
      String method, String description, long seed, Function<Adapters, Scoring.Choices> choices) {
    add(
        method,
        seed,
        () -> {
          TrainedMethod trained = tuned.train(ACTIVATED, seed);
          return withAdapters(
              trained,
              adapters ->
                  scoring.run(
                      method,
                      description,
                      seed,
                      trained.log(),
                      RoutedMixture.fromOpening(
                          choices.apply(adapters), bench.encoder(), tuned.activated())));
        });
  }
}
