package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One training run over an objective: order of the examples, learning rate, optimiser, choice of
 * the best parameters, and a state file that an interrupted run goes on from.
 *
 * <p>The later parameters are chosen unless they are clearly worse on the selection examples than
 * the best so far: some hundred examples cannot tell checkpoints of nearly the same loss apart, and
 * among equals the one at the lower learning rate is the better bet (the rule of one standard
 * error; Breiman et al., 1984, section 3.4.3).
 *
 * <p>Owns native memory.
 */
final class TrainingRun implements AutoCloseable {

  private final TrainingOptions options;
  private final TrainingListener listener;
  private final Objective objective;
  private final EpochSteps steps;
  private final Optional<PrivateLearning> privacy;
  private final Optional<Path> stateFile;
  private final String identity;
  private final Decoder decoder;
  private final NDManager manager;
  private final List<NDArray> parameters;
  private final List<NDArray> best = new ArrayList<>();
  private final Optimizer optimizer;
  private final int stepsPerEpoch;
  private final Tracker learningRate;
  private final List<Double> losses = new ArrayList<>();
  private final List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
  private SelectionLoss lowest = SelectionLoss.NONE;
  private int step;
  private int bestStep = -1;
  private double bestLoss = Double.POSITIVE_INFINITY;
  private int sinceBest;
  private long tokens;

  TrainingRun(
      BaseModel model,
      TrainingOptions options,
      TrainingSession session,
      Objective objective,
      EpochSteps steps,
      String identity) {
    this.options = options;
    this.listener = session.listener();
    this.objective = objective;
    this.steps = steps;
    this.privacy = objective.privacy();
    this.stateFile = session.stateFile();
    this.identity = identity;
    this.decoder = model.unwrap(Decoder.class);
    this.manager = decoder.newScope();
    this.parameters = objective.arrays();
    parameters.forEach(array -> best.add(manager.zeros(array.getShape())));
    this.optimizer =
        new Optimizer(
            manager,
            parameters,
            options.updateRule(),
            options.weightDecay(),
            privacy.isPresent() ? 0 : options.maxGradientNorm());
    optimizer.assign(best, parameters);
    this.stepsPerEpoch = steps.of(0).size();
    this.learningRate = schedule(stepsPerEpoch * options.epochs());
  }

  private Tracker schedule(int steps) {
    float peak = (float) options.learningRate();
    int warmup = (int) Math.round(options.warmupShare() * steps);
    Tracker main =
        options.finalLearningRateShare() == 1
            ? Tracker.fixed(peak)
            : Tracker.cosine()
                .setBaseValue(peak)
                .optFinalValue((float) (peak * options.finalLearningRateShare()))
                .setMaxUpdates(Math.max(1, steps - warmup))
                .build();
    return warmup == 0
        ? main
        : WarmUpTracker.builder()
            .setMainTracker(main)
            .optWarmUpSteps(warmup)
            .optWarmUpBeginValue(peak / warmup)
            .build();
  }

  /**
   * Trains to the end; the objective then holds the chosen parameters.
   *
   * @throws io.github.moa4j.core.EngineClosedException if the model is closed meanwhile
   */
  TrainingCurve execute() {
    try {
      return train();
    } catch (IllegalStateException e) {
      decoder.kernel().requireOpen(); // a closed model has closed the arrays of this run too
      throw e;
    }
  }

  private TrainingCurve train() {
    stateFile.ifPresent(TrainingState::requireWritable);
    stateFile.filter(Files::exists).ifPresent(this::resume);
    List<List<List<EncodedExample>>> epochSteps = List.of();
    int shuffled = -1;
    while (step < stepsPerEpoch * options.epochs() && !exhausted()) {
      int epoch = step / stepsPerEpoch;
      if (epoch != shuffled) {
        epochSteps = steps.of(epoch);
        shuffled = epoch;
      }
      oneStep(epochSteps.get(step % stepsPerEpoch));
      if (evaluationDue()) {
        if (privacy.isPresent()) {
          keepLast();
        } else {
          evaluate();
        }
        stateFile.ifPresent(this::save);
      }
    }
    optimizer.assign(parameters, best);
    return new TrainingCurve(
        bestStep, bestLoss, List.copyOf(losses), List.copyOf(evaluations), tokens);
  }

  /** Evaluations are spread evenly over an epoch; the last one stands at its end. */
  private boolean evaluationDue() {
    int done = (step - 1) % stepsPerEpoch + 1;
    int wanted = Math.min(options.evaluationsPerEpoch(), stepsPerEpoch);
    return done * wanted / stepsPerEpoch > (done - 1) * wanted / stepsPerEpoch;
  }

  /** The examples have no say in which parameters a private run ends with. */
  private void keepLast() {
    bestStep = step;
    bestLoss = 0;
    optimizer.assign(best, parameters);
  }

  private boolean exhausted() {
    return options.patience() > 0 && sinceBest >= options.patience();
  }

  private void oneStep(List<List<EncodedExample>> batches) {
    int answerTokens = 0;
    int seen = 0;
    int examples = 0;
    for (List<EncodedExample> batch : batches) {
      examples += batch.size();
      for (EncodedExample example : batch) {
        answerTokens += example.answerLength();
        seen += example.tokens().length;
      }
    }
    double loss = 0;
    for (int i = 0; i < batches.size(); i++) {
      List<EncodedExample> batch = batches.get(i);
      double share = (double) batch.size() / examples;
      loss += accumulate(batch, 1.0 / answerTokens, share, step * 1_000_003L + i);
    }
    loss = answerTokens == 0 ? lastLoss() : loss / answerTokens;
    privacy.ifPresent(own -> own.disturb(optimizer));
    double rate = learningRate.getNewValue(step);
    double norm = optimizer.globalNorm();
    // Of a private run the examples' losses must not decide whether it comes to an end.
    requireFinite(privacy.isPresent() ? norm : loss + norm, "The loss or its gradient", step + 1);
    optimizer.step(objective.learningRates(rate), norm);
    step++;
    tokens += seen;
    losses.add(loss);
    listener.onStep(
        new TrainingListener.TrainingStep(
            step, stepsPerEpoch * options.epochs(), loss, norm, rate, seen));
  }

  /** A step that draws no example measures no loss. */
  private double lastLoss() {
    return losses.isEmpty() ? 0 : losses.get(losses.size() - 1);
  }

  private double accumulate(List<EncodedExample> batch, double weight, double share, long salt) {
    try (NDManager scope = manager.newSubManager()) {
      if (privacy.isPresent()) {
        List<Gradients> examples = objective.exampleGradients(scope, batch, salt);
        privacy.get().accumulate(optimizer, examples);
        return examples.stream().mapToDouble(Gradients::loss).sum();
      }
      Gradients found = objective.gradients(scope, batch, weight, share, salt);
      optimizer.accumulate(found.arrays());
      return found.loss();
    }
  }

  private void evaluate() {
    SelectionLoss now = objective.selectionLoss();
    requireFinite(now.mean(), "The loss on the examples that choose the parameters", step);
    boolean lower = now.lowerThan(lowest);
    boolean chosen = lower || !now.clearlyWorseThan(lowest);
    if (lower) {
      lowest = now;
      sinceBest = 0;
    } else {
      sinceBest++;
    }
    if (chosen) {
      bestLoss = now.mean();
      bestStep = step;
      optimizer.assign(best, parameters);
    }
    TrainingListener.Evaluation evaluation =
        new TrainingListener.Evaluation(step, now.mean(), chosen);
    evaluations.add(evaluation);
    listener.onEvaluation(evaluation);
  }

  /** Parameters that have become NaN stay so: what was learnt since the last evaluation is lost. */
  private static void requireFinite(double value, String what, int step) {
    if (!Double.isFinite(value)) {
      throw new MoaException(
          "%s became NaN or infinite at step %d, so training ends without a result. Lower the learning rate, clip gradients (maxGradientNorm), or check the base's weights and what training started from."
              .formatted(what, step));
    }
  }

  private Map<String, List<NDArray>> arrays() {
    return Map.of(
        "parameters",
        parameters,
        "best",
        best,
        "first",
        optimizer.firstMoments(),
        "second",
        optimizer.secondMoments());
  }

  private void save(Path file) {
    TrainingState.write(
        file,
        new TrainingState.Progress(
            identity, step, bestStep, bestLoss, lowest, sinceBest, tokens, losses, evaluations),
        arrays());
  }

  private void resume(Path file) {
    TrainingState.Progress progress = TrainingState.read(file, identity, arrays(), this::restore);
    step = progress.step();
    bestStep = progress.bestStep();
    bestLoss = progress.bestLoss();
    lowest = progress.lowest();
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
