package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.lora.ExpertsTrainer;
import io.github.moa4j.training.lora.JointRouterOptions;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainedExperts;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How each method trains, on the first so many examples of every domain. */
public final class Trainings {

  private static final double BALANCE_WEIGHT = 0.01;

  /** A method that can be trained. */
  public interface Recipe {

    /**
     * Trains the method.
     *
     * @param examples of each domain
     */
    TrainedMethod train(Setting setting, long seed, int examples);
  }

  private final Workbench bench;
  private final BaseModel model;
  private final StoredTrainings stored;

  public Trainings(Workbench bench) {
    this.bench = bench;
    this.stored = new StoredTrainings(bench);
    this.model = bench.model();
  }

  /**
   * One adapter a domain, each trained alone.
   *
   * @param name of the method, under which each domain's adapter is stored as soon as it is trained
   */
  public Recipe singleLora(String name, LoraConfig lora) {
    return (setting, seed, examples) ->
        perDomain(
            name,
            lora,
            Collections.nCopies(bench.domains().size(), setting),
            seed,
            examples,
            bench.settings().epochs());
  }

  /**
   * Trains one adapter a domain, each trained alone at the setting of its own; those of a method of
   * the same name and setting are the same.
   *
   * @param settings one a domain
   */
  TrainedMethod singleLora(
      String name, LoraConfig lora, List<Setting> settings, long seed, int examples) {
    return perDomain(name, lora, settings, seed, examples, bench.settings().epochs());
  }

  /**
   * Returns the setting of each domain that gave the lowest loss on its selection examples.
   *
   * @param tried settings with which the method has been trained, with seed 1
   */
  List<Setting> bestByDomain(String name, List<Setting> tried, int examples) {
    List<Setting> best = new ArrayList<>();
    for (Domain domain : bench.domains()) {
      best.add(
          Collections.min(
              tried,
              Comparator.comparingDouble(
                  setting ->
                      stored
                          .log(part(name, setting, 1, examples) + "." + domain.name())
                          .selectionLoss())));
    }
    return best;
  }

  private TrainedMethod perDomain(
      String name, LoraConfig lora, List<Setting> settings, long seed, int examples, int epochs) {
    List<TrainedMethod> parts = new ArrayList<>();
    for (int i = 0; i < settings.size(); i++) {
      Domain domain = bench.domains().get(i);
      Setting setting = settings.get(i);
      parts.add(
          stored.computeIfAbsent(
              part(name, setting, seed, examples) + "." + domain.name(),
              () -> alone(lora, setting, seed, domain, examples, epochs)));
    }
    return TrainedMethod.of(
        TrainingLog.of(parts.stream().map(TrainedMethod::log).toList()),
        parts.stream().map(part -> part.adapters().get(0)).toList());
  }

  private TrainedMethod alone(
      LoraConfig lora, Setting setting, long seed, Domain domain, int examples, int epochs) {
    TrainingWatch watch = new TrainingWatch();
    List<EncodedExample> train = bench.train(domain, examples);
    TrainingResult result =
        new LoraTrainer(model, bench.options(lora, setting, seed).withEpochs(epochs))
            .train(train, bench.selection(domain), TrainingSession.fresh().withListener(watch));
    List<LoraAdapter> adapters = List.of(result.adapter());
    return TrainedMethod.of(
        watch.log(
            setting, answerTokens(train, epochs), parameters(adapters), result.validationLoss()),
        adapters);
  }

  private static String part(String name, Setting setting, long seed, int examples) {
    return name + "-" + setting + "-s" + seed + "-n" + examples;
  }

  /** One adapter for all domains, trained on their mixed examples. */
  Recipe mixed(String name, int rank) {
    return (setting, seed, examples) -> {
      String part = part(name, setting, seed, examples);
      return stored.computeIfAbsent(
          part, () -> mixed(part, bench.lora(rank), setting, seed, examples));
    };
  }

  private TrainedMethod mixed(
      String part, LoraConfig lora, Setting setting, long seed, int examples) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    TrainingOptions options = bench.options(lora, setting, seed);
    TrainingResult result =
        new LoraTrainer(model, options)
            .trainMixed(
                train,
                selections(),
                TrainingSession.fresh().withListener(watch).withStateFile(stored.state(part)));
    List<LoraAdapter> adapters = List.of(result.adapter());
    return TrainedMethod.of(
        watch.log(
            setting,
            answerTokens(flat(train), options.epochs()),
            parameters(adapters),
            result.validationLoss()),
        adapters);
  }

  /**
   * As many experts as domains, among which every token chooses, without labels. They are not
   * stored: a mixture of experts by token has no form of adapters.
   */
  Recipe moeLora(int topK) {
    return (setting, seed, examples) -> {
      TrainingWatch watch = new TrainingWatch();
      TrainingOptions options = bench.options(lora(), setting, seed);
      TrainedExperts trained =
          ExpertsTrainer.byToken(model, options, watch, topK, BALANCE_WEIGHT)
              .train(examples(examples), selections());
      return TrainedMethod.of(
          watch.log(
              setting,
              answerTokens(flat(examples(examples)), options.epochs()),
              trained.bank().size(),
              trained.selectionLoss()),
          trained.bank());
    };
  }

  private LoraConfig lora() {
    return bench.lora(bench.settings().rank());
  }

  /** Adapters of single domains after half of the passes: where joint stages start from. */
  public List<LoraAdapter> half(Setting single, long seed, int examples) {
    int passes = bench.settings().epochs() / 2;
    return passes == 0
        ? List.of()
        : perDomain(
                "half",
                lora(),
                Collections.nCopies(bench.domains().size(), single),
                seed,
                examples,
                passes)
            .adapters();
  }

  /**
   * The paper's joint stage: half of the passes one by one, the other half in batches that mix the
   * domains, each sequence through the expert of its label.
   *
   * @param single setting of the first half
   */
  Recipe joint(String name, Setting single) {
    return (setting, seed, examples) -> {
      int passes = bench.settings().epochs();
      int alone = passes / 2;
      return stored.computeIfAbsent(
          part(name, setting, seed, examples),
          () -> {
            List<LoraAdapter> start = half(single, seed, examples);
            return together(start, setting, seed, examples, passes - alone, alone);
          });
    };
  }

  /** The joint stage from random experts, for all passes. */
  public Recipe jointFromRandom() {
    return (setting, seed, examples) ->
        together(List.of(), setting, seed, examples, bench.settings().epochs(), 0);
  }

  private TrainedMethod together(
      List<LoraAdapter> start, Setting setting, long seed, int examples, int passes, int before) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    TrainingOptions options = jointOptions(setting, seed, passes);
    ExpertsTrainer trainer = ExpertsTrainer.byLabel(model, options, watch);
    try (TrainedExperts trained = experts(trainer, start, train)) {
      List<LoraAdapter> adapters = trained.bank().split();
      return TrainedMethod.of(
          watch.log(
              setting,
              answerTokens(flat(train), passes + before),
              parameters(adapters),
              trained.selectionLoss()),
          adapters);
    }
  }

  /** A soft mixture by the prompt, without labels, from given experts or from random ones. */
  public TrainedMethod withoutLabels(
      List<LoraAdapter> start, Setting setting, long seed, int examples, int passes) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    TrainingOptions options = jointOptions(setting, seed, passes);
    TrainedExperts trained =
        experts(ExpertsTrainer.bySequence(model, options, watch), start, train);
    return TrainedMethod.of(
        watch.log(
            setting,
            answerTokens(flat(train), passes),
            trained.bank().size(),
            trained.selectionLoss()),
        trained.bank());
  }

  /**
   * The joint stage with routers that learn the labels in the same pass.
   *
   * @param labelWeight η
   */
  public TrainedMethod withRouters(
      List<LoraAdapter> start, Setting setting, long seed, int examples, double labelWeight) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    int passes = bench.settings().epochs() - bench.settings().epochs() / 2;
    TrainingOptions options = jointOptions(setting, seed, passes);
    TrainedExperts trained =
        experts(
            ExpertsTrainer.byLabelWithRouters(
                model,
                options,
                watch,
                new JointRouterOptions(labelWeight, setting.learningRate(), Pooling.MEAN)),
            start,
            train);
    return TrainedMethod.of(
        watch.log(
            setting,
            answerTokens(flat(train), passes),
            trained.bank().size(),
            trained.selectionLoss()),
        trained.bank());
  }

  /** A step that mixes nine domains holds few examples of each: four times as many as else. */
  private TrainingOptions jointOptions(Setting setting, long seed, int passes) {
    return bench.options(lora(), setting, seed).toBuilder()
        .epochs(passes)
        .accumulationSteps(4)
        .build();
  }

  private TrainedExperts experts(
      ExpertsTrainer trainer, List<LoraAdapter> start, List<List<EncodedExample>> train) {
    return start.isEmpty()
        ? trainer.train(train, selections())
        : trainer.train(start, train, selections());
  }

  /** One adapter, trained further on one domain. */
  public TrainingResult further(
      Optional<LoraAdapter> start,
      Domain domain,
      TrainingOptions options,
      int examples,
      TrainingListener listener) {
    return new LoraTrainer(model, options)
        .train(
            bench.train(domain, examples),
            bench.selection(domain),
            new TrainingSession(start, Optional.empty(), listener));
  }

  List<List<EncodedExample>> examples(int count) {
    return bench.domains().stream().map(domain -> bench.train(domain, count)).toList();
  }

  private List<List<EncodedExample>> selections() {
    return bench.domains().stream().map(bench::selection).toList();
  }

  private static List<EncodedExample> flat(List<List<EncodedExample>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  private static long answerTokens(List<EncodedExample> examples, int passes) {
    return (long) passes * examples.stream().mapToInt(EncodedExample::answerLength).sum();
  }

  private static long parameters(List<LoraAdapter> adapters) {
    return adapters.stream()
        .flatMap(adapter -> adapter.tensors().values().stream())
        .mapToLong(tensor -> tensor.size())
        .sum();
  }
}
