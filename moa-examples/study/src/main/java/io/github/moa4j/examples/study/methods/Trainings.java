package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
    TrainedMethod train(double rate, long seed, int examples);
  }

  private final Workbench bench;
  private final BaseModel model;

  public Trainings(Workbench bench) {
    this.bench = bench;
    this.model = bench.model();
  }

  /** One adapter a domain, each trained alone. */
  public Recipe singleLora(LoraConfig lora) {
    return (rate, seed, examples) ->
        perDomain(lora, rate, seed, examples, bench.settings().epochs());
  }

  private TrainedMethod perDomain(
      LoraConfig lora, double rate, long seed, int examples, int epochs) {
    TrainingWatch watch = new TrainingWatch();
    List<LoraAdapter> adapters = new ArrayList<>();
    double loss = 0;
    long answerTokens = 0;
    for (Domain domain : bench.domains()) {
      List<EncodedExample> train = bench.train(domain, examples);
      TrainingOptions options = options(lora, rate, seed).withEpochs(epochs);
      TrainingResult result =
          new LoraTrainer(model, options)
              .train(
                  train,
                  bench.selection(domain),
                  TrainingSession.fresh().withListener(watch.next()));
      adapters.add(result.adapter());
      loss += result.validationLoss() / bench.domains().size();
      answerTokens += answerTokens(train, epochs);
    }
    return TrainedMethod.of(watch.log(rate, answerTokens, parameters(adapters), loss), adapters);
  }

  private TrainingOptions options(LoraConfig lora, double rate, long seed) {
    return bench.options(lora.rank(), rate, seed).toBuilder().lora(lora).build();
  }

  /** One adapter for all domains, trained on their mixed examples. */
  Recipe mixed(int rank) {
    return (rate, seed, examples) -> {
      TrainingWatch watch = new TrainingWatch();
      List<EncodedExample> train = flat(examples(examples));
      TrainingOptions options = bench.options(rank, rate, seed);
      TrainingResult result =
          new LoraTrainer(model, options)
              .train(train, flat(selections()), TrainingSession.fresh().withListener(watch.next()));
      List<LoraAdapter> adapters = List.of(result.adapter());
      return TrainedMethod.of(
          watch.log(
              rate,
              answerTokens(train, options.epochs()),
              parameters(adapters),
              result.validationLoss()),
          adapters);
    };
  }

  /** As many experts as domains, among which every token chooses, without labels. */
  Recipe moeLora(int topK) {
    return (rate, seed, examples) -> {
      TrainingWatch watch = new TrainingWatch();
      TrainingOptions options = bench.options(bench.settings().rank(), rate, seed);
      TrainedExperts trained =
          ExpertsTrainer.byToken(model, options, watch.next(), topK, BALANCE_WEIGHT)
              .train(examples(examples), selections());
      return TrainedMethod.of(
          watch.log(
              rate,
              answerTokens(flat(examples(examples)), options.epochs()),
              trained.bank().size(),
              trained.selectionLoss()),
          trained.bank());
    };
  }

  /** Adapters of single domains after half of the passes: where joint stages start from. */
  public List<LoraAdapter> half(double singleRate, long seed, int examples) {
    int passes = bench.settings().epochs() / 2;
    return passes == 0
        ? List.of()
        : stored(
                "half-" + seed + "-" + examples,
                () ->
                    perDomain(
                        bench.lora(bench.settings().rank()), singleRate, seed, examples, passes))
            .adapters();
  }

  /**
   * The paper's joint stage: half of the passes one by one, the other half in batches that mix the
   * domains, each sequence through the expert of its label.
   *
   * @param singleRate learning rate of the first half
   */
  Recipe joint(double singleRate) {
    return (rate, seed, examples) -> {
      int passes = bench.settings().epochs();
      int alone = passes / 2;
      List<LoraAdapter> start = half(singleRate, seed, examples);
      return together(start, rate, seed, examples, passes - alone, alone);
    };
  }

  /** The joint stage from random experts, for all passes. */
  public Recipe jointFromRandom() {
    return (rate, seed, examples) ->
        together(List.of(), rate, seed, examples, bench.settings().epochs(), 0);
  }

  private TrainedMethod together(
      List<LoraAdapter> start, double rate, long seed, int examples, int passes, int before) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    TrainingOptions options = jointOptions(rate, seed, passes);
    ExpertsTrainer trainer = ExpertsTrainer.byLabel(model, options, watch.next());
    try (TrainedExperts trained = experts(trainer, start, train)) {
      List<LoraAdapter> adapters = trained.bank().split();
      return TrainedMethod.of(
          watch.log(
              rate,
              answerTokens(flat(train), passes + before),
              parameters(adapters),
              trained.selectionLoss()),
          adapters);
    }
  }

  /** A soft mixture by the prompt, without labels, from given experts or from random ones. */
  public TrainedMethod withoutLabels(
      List<LoraAdapter> start, double rate, long seed, int examples, int passes) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    TrainingOptions options = jointOptions(rate, seed, passes);
    TrainedExperts trained =
        experts(ExpertsTrainer.bySequence(model, options, watch.next()), start, train);
    return TrainedMethod.of(
        watch.log(
            rate,
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
      List<LoraAdapter> start, double rate, long seed, int examples, double labelWeight) {
    TrainingWatch watch = new TrainingWatch();
    List<List<EncodedExample>> train = examples(examples);
    int passes = bench.settings().epochs() - bench.settings().epochs() / 2;
    TrainingOptions options = jointOptions(rate, seed, passes);
    TrainedExperts trained =
        experts(
            ExpertsTrainer.byLabelWithRouters(
                model,
                options,
                watch.next(),
                new JointRouterOptions(labelWeight, rate, Pooling.MEAN)),
            start,
            train);
    return TrainedMethod.of(
        watch.log(
            rate,
            answerTokens(flat(train), passes),
            trained.bank().size(),
            trained.selectionLoss()),
        trained.bank());
  }

  /** A step that mixes nine domains holds few examples of each: four times as many as else. */
  private TrainingOptions jointOptions(double rate, long seed, int passes) {
    return bench.options(bench.settings().rank(), rate, seed).toBuilder()
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

  /**
   * A method whose adapters are stored: read if they are there, else trained and stored.
   *
   * @param name of the method and its seed
   */
  TrainedMethod stored(String name, Supplier<TrainedMethod> training) {
    Path folder = bench.output().resolve("adapters").resolve(name);
    TrainingLog log =
        bench
            .store()
            .computeIfAbsent(
                "training." + name,
                TrainingLog.class,
                () -> {
                  TrainedMethod trained = training.get();
                  for (int i = 0; i < trained.adapters().size(); i++) {
                    PeftFormat.write(trained.adapters().get(i), folder.resolve(part(trained, i)));
                  }
                  return trained.log();
                });
    return TrainedMethod.of(log, read(folder));
  }

  private String part(TrainedMethod trained, int index) {
    return trained.adapters().size() == 1 ? "all" : bench.names().get(index);
  }

  private List<LoraAdapter> read(Path folder) {
    Path shared = folder.resolve("all");
    return Files.exists(shared)
        ? List.of(PeftFormat.read(shared))
        : bench.names().stream().map(name -> PeftFormat.read(folder.resolve(name))).toList();
  }
}
