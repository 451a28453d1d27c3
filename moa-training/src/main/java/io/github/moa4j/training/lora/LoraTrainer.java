package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.AnswerBatch;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.LengthBucketedBatches;
import io.github.moa4j.training.evaluation.AnswerLoss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Trains one adapter on one domain: only its A and B move; the base and all other adapters are not
 * even at hand. The same base, examples, options and seed give the same adapter bit for bit, also
 * when the run was killed and went on from its state file.
 *
 * <p>Thread-safe: each call of {@link #train} has its own parameters.
 */
public final class LoraTrainer {

  private static final int EVALUATION_BATCH_SIZE = 32;

  private final BaseModel model;
  private final TrainingOptions options;
  private final TrainingListener listener;

  /** Creates a trainer; it does not own the model. */
  public LoraTrainer(BaseModel model, TrainingOptions options, TrainingListener listener) {
    this.model = model;
    this.options = options;
    this.listener = listener;
  }

  /**
   * Trains a new adapter.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   */
  public TrainingResult train(List<EncodedExample> train, List<EncodedExample> validation) {
    return train(train, validation, Optional.empty(), Optional.empty());
  }

  /**
   * Trains an adapter.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @param warmStart an adapter to start from, with the rank and target modules of the options; it
   *     is not changed
   * @param stateFile where the run keeps its state after every evaluation, and goes on from if the
   *     file exists; the caller deletes it once the result is stored
   * @throws io.github.moa4j.core.MoaException if the state file belongs to another run
   */
  public TrainingResult train(
      List<EncodedExample> train,
      List<EncodedExample> validation,
      Optional<LoraAdapter> warmStart,
      Optional<Path> stateFile) {
    if (train.isEmpty() || validation.isEmpty()) {
      throw new IllegalArgumentException(
          "Training needs at least one training and one validation example: %d and %d given"
              .formatted(train.size(), validation.size()));
    }
    try (LoraParameters parameters =
            warmStart
                .map(model::trainable)
                .orElseGet(() -> model.newAdapter(options.lora(), options.seed()));
        LoraParameters best = model.trainable(parameters.toAdapter());
        Run run = new Run(parameters, best, train, validation, stateFile)) {
      return run.execute();
    }
  }

  /** One training run. */
  private final class Run implements AutoCloseable {

    private final LoraParameters parameters;
    private final LoraParameters best;
    private final List<EncodedExample> train;
    private final List<EncodedExample> validation;
    private final Optional<Path> stateFile;
    private final String identity;
    private final NDManager manager = model.newScope();
    private final int[] moving; // indices of the parameter arrays that are not empty
    private final AdamW optimizer;
    private final int stepsPerEpoch;
    private final Tracker learningRate;
    private final List<Double> losses = new ArrayList<>();
    private final List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
    private int step;
    private int bestStep = -1;
    private double bestLoss = Double.POSITIVE_INFINITY;
    private int sinceBest;
    private long tokens;

    Run(
        LoraParameters parameters,
        LoraParameters best,
        List<EncodedExample> train,
        List<EncodedExample> validation,
        Optional<Path> stateFile) {
      this.parameters = parameters;
      this.best = best;
      this.train = train;
      this.validation = validation;
      this.stateFile = stateFile;
      this.identity = RunIdentity.of(model, options, train, validation);
      this.moving =
          IntStream.range(0, parameters.arrays().size())
              .filter(i -> parameters.arrays().get(i).size() > 0)
              .toArray();
      this.optimizer =
          new AdamW(manager, moving(parameters), options.weightDecay(), options.maxGradientNorm());
      int batches = (train.size() + options.batchSize() - 1) / options.batchSize();
      this.stepsPerEpoch =
          (batches + options.accumulationSteps() - 1) / options.accumulationSteps();
      this.learningRate = schedule(stepsPerEpoch * options.epochs());
    }

    private List<NDArray> moving(LoraParameters of) {
      List<NDArray> arrays = new ArrayList<>();
      for (int i : moving) {
        arrays.add(of.arrays().get(i));
      }
      return arrays;
    }

    private Tracker schedule(int steps) {
      float peak = (float) options.learningRate();
      Tracker main =
          options.finalLearningRateShare() == 1
              ? Tracker.fixed(peak)
              : Tracker.cosine()
                  .setBaseValue(peak)
                  .optFinalValue((float) (peak * options.finalLearningRateShare()))
                  .setMaxUpdates(Math.max(1, steps - options.warmupSteps()))
                  .build();
      return options.warmupSteps() == 0
          ? main
          : WarmUpTracker.builder()
              .setMainTracker(main)
              .optWarmUpSteps(options.warmupSteps())
              .optWarmUpBeginValue(peak / options.warmupSteps())
              .build();
    }

    TrainingResult execute() {
      stateFile.filter(Files::exists).ifPresent(this::resume);
      List<List<EncodedExample>> batches = List.of();
      int shuffled = -1;
      while (step < stepsPerEpoch * options.epochs() && !exhausted()) {
        int epoch = step / stepsPerEpoch;
        if (epoch != shuffled) {
          batches = LengthBucketedBatches.of(train, options.batchSize(), options.seed(), epoch);
          shuffled = epoch;
        }
        int first = step % stepsPerEpoch * options.accumulationSteps();
        oneStep(
            batches.subList(first, Math.min(batches.size(), first + options.accumulationSteps())));
        if (evaluationDue()) {
          evaluate();
          stateFile.ifPresent(this::save);
        }
      }
      return new TrainingResult(
          best.toAdapter(),
          bestStep,
          bestLoss,
          List.copyOf(losses),
          List.copyOf(evaluations),
          tokens);
    }

    /** Evaluations are spread evenly over an epoch; the last one stands at its end. */
    private boolean evaluationDue() {
      int done = (step - 1) % stepsPerEpoch + 1;
      int wanted = Math.min(options.evaluationsPerEpoch(), stepsPerEpoch);
      return done * wanted / stepsPerEpoch > (done - 1) * wanted / stepsPerEpoch;
    }

    private boolean exhausted() {
      return options.patience() > 0 && sinceBest >= options.patience();
    }

    private void oneStep(List<List<EncodedExample>> batches) {
      List<AnswerBatch> inputs = batches.stream().map(AnswerBatch::of).toList();
      int answerTokens = inputs.stream().mapToInt(input -> input.targets().tokens().length).sum();
      int seen = inputs.stream().mapToInt(AnswerBatch::count).sum();
      double loss = 0;
      for (int i = 0; i < inputs.size(); i++) {
        loss += accumulate(inputs.get(i), 1.0 / answerTokens, step * 1_000_003L + i);
      }
      double rate = learningRate.getNewValue(step);
      double norm = optimizer.step(rate);
      step++;
      tokens += seen;
      losses.add(loss / answerTokens);
      listener.onStep(
          new TrainingListener.TrainingStep(
              step, stepsPerEpoch * options.epochs(), loss / answerTokens, norm, rate, seen));
    }

    private double accumulate(AnswerBatch input, double weight, long salt) {
      try (NDManager scope = manager.newSubManager()) {
        NDList found =
            model.gradients(
                scope,
                parameters,
                input.tokens(),
                input.targets(),
                new int[input.tokens().rows()],
                weight,
                options.lora().loraDropout(),
                options.seed() * 6_364_136_223_846_793_005L + salt);
        List<NDArray> gradients = new ArrayList<>();
        for (int i : moving) {
          gradients.add(found.get(1 + i));
        }
        optimizer.accumulate(gradients);
        return found.get(0).getFloat();
      }
    }

    private void evaluate() {
      double loss;
      try (LoraWeights weights = model.fuse(parameters)) {
        loss = AnswerLoss.mean(model, validation, AdapterChoice.of(weights), EVALUATION_BATCH_SIZE);
      }
      boolean better = loss < bestLoss;
      if (better) {
        bestLoss = loss;
        bestStep = step;
        sinceBest = 0;
        optimizer.assign(moving(best), moving(parameters));
      } else {
        sinceBest++;
      }
      TrainingListener.Evaluation evaluation = new TrainingListener.Evaluation(step, loss, better);
      evaluations.add(evaluation);
      listener.onEvaluation(evaluation);
    }

    private Map<String, List<NDArray>> arrays() {
      return Map.of(
          "parameters", moving(parameters),
          "best", moving(best),
          "first", optimizer.firstMoments(),
          "second", optimizer.secondMoments());
    }

    private void save(Path file) {
      TrainingState.write(
          file,
          new TrainingState.Progress(
              identity, step, bestStep, bestLoss, sinceBest, tokens, losses, evaluations),
          arrays());
    }

    private void resume(Path file) {
      TrainingState.Progress progress = TrainingState.read(file, identity, arrays(), this::restore);
      step = progress.step();
      bestStep = progress.bestStep();
      bestLoss = progress.bestLoss();
      sinceBest = progress.sinceBest();
      tokens = progress.tokens();
      losses.addAll(progress.losses());
      evaluations.addAll(progress.evaluations());
      optimizer.resumeAt(step);
    }

    private void restore(NDArray array, float[] values) {
      try (NDArray stored = manager.create(values, array.getShape())) {
        optimizer.assign(List.of(array), List.of(stored));
      }
    }

    @Override
    public void close() {
      optimizer.close();
      manager.close();
    }
  }
}
