package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.AnswerBatch;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.AnswerLoss;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
        OneAdapter objective = new OneAdapter(parameters, validation);
        TrainingRun run =
            new TrainingRun(
                model,
                options,
                listener,
                objective,
                EpochSteps.byLength(train, options),
                RunIdentity.of(model, options, train, validation),
                stateFile)) {
      TrainingCurve curve = run.execute();
      return new TrainingResult(
          parameters.toAdapter(),
          curve.bestStep(),
          curve.bestLoss(),
          curve.losses(),
          curve.evaluations(),
          curve.tokens());
    }
  }

  /** One adapter over whole sequences or, if it is an activated one, from its invocation on. */
  private final class OneAdapter implements Objective {

    private final LoraParameters parameters;
    private final List<EncodedExample> selection;
    private final int[] moving; // indices of the parameter arrays that are not empty

    OneAdapter(LoraParameters parameters, List<EncodedExample> selection) {
      this.parameters = parameters;
      this.selection = selection;
      this.moving =
          IntStream.range(0, parameters.arrays().size())
              .filter(i -> parameters.arrays().get(i).size() > 0)
              .toArray();
    }

    @Override
    public List<NDArray> arrays() {
      return Arrays.stream(moving).mapToObj(parameters.arrays()::get).toList();
    }

    @Override
    public Gradients gradients(
        NDManager scope, List<EncodedExample> batch, double weight, long salt) {
      AnswerBatch input = AnswerBatch.of(batch);
      NDList found =
          model.gradients(
              scope,
              parameters,
              input.tokens(),
              input.targets(),
              batch.stream().mapToInt(this::activation).toArray(),
              weight,
              options.lora().loraDropout(),
              options.seed() * 6_364_136_223_846_793_005L + salt);
      return new Gradients(
          found.get(0).getFloat(), Arrays.stream(moving).mapToObj(i -> found.get(1 + i)).toList());
    }

    /** Index of the example's first token under the adapter. */
    private int activation(EncodedExample example) {
      return options
          .lora()
          .activationPosition(Arrays.copyOf(example.tokens(), example.promptLength()))
          .orElseThrow(
              () ->
                  new MoaException(
                      "A training prompt does not hold the invocation tokens "
                          + options.lora().aloraInvocationTokens()
                          + " of the activated adapter: take those of the chat template's opening"
                          + " of the assistant's turn"));
    }

    @Override
    public float[][] selectionLosses() {
      try (LoraWeights weights = model.fuse(parameters)) {
        List<AdapterChoice> choices =
            selection.stream()
                .map(example -> AdapterChoice.from(weights, activation(example)))
                .toList();
        return AnswerLoss.perToken(model, selection, choices, EVALUATION_BATCH_SIZE);
      }
    }

    @Override
    public void close() {
      // The parameters belong to the caller.
    }
  }
}
