package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.AnswerLoss;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import io.github.moa4j.training.gradient.internal.GradientKernel;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.util.List;
import java.util.Set;

/**
 * Trains one adapter on one domain: only its A and B move; the base and all other adapters are not
 * even at hand. The same base, examples, options and seed give the same adapter bit for bit, also
 * when the run was killed and went on from its state file.
 *
 * <p>Thread-safe: each call of {@link #train} has its own parameters.
 */
public final class LoraTrainer {

  private static final Set<AdapterPart> TRAINABLE =
      Set.of(AdapterPart.LORA_A, AdapterPart.LORA_B, AdapterPart.MAGNITUDE, AdapterPart.LORA_BIAS);

  private final BaseModel model;
  private final TrainingOptions options;

  /** Creates a trainer; it does not own the model. */
  public LoraTrainer(BaseModel model, TrainingOptions options) {
    this.model = model;
    this.options = options;
  }

  /**
   * Trains a new adapter.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   */
  public TrainingResult train(List<EncodedExample> train, List<EncodedExample> validation) {
    return train(train, validation, TrainingSession.fresh());
  }

  /**
   * Trains an adapter in a session of the caller's.
   *
   * @param train examples to learn from
   * @param validation examples that choose the best parameters; not empty
   * @throws io.github.moa4j.training.data.DatasetException if an example does not fit the model
   * @throws io.github.moa4j.core.MoaException if the session's state file belongs to another run
   */
  public TrainingResult train(
      List<EncodedExample> train, List<EncodedExample> validation, TrainingSession session) {
    if (train.isEmpty() || validation.isEmpty()) {
      throw new IllegalArgumentException(
          "Training needs at least one training and one validation example: %d and %d given"
              .formatted(train.size(), validation.size()));
    }
    TrainingFit.check(model, options.lora(), train, i -> "Training example " + (i + 1));
    TrainingFit.check(model, options.lora(), validation, i -> "Selection example " + (i + 1));
    Decoder decoder = model.unwrap(Decoder.class);
    LoraAdapter start =
        session
            .warmStart()
            .orElseGet(
                () -> LoraInitialization.random(model.config(), options.lora(), options.seed()));
    start.requireOnly(TRAINABLE, "be trained further");
    requireSameInvocation(start);
    try (TrainableLora parameters = decoder.trainable(start);
        OneAdapter objective = new OneAdapter(decoder, parameters, validation);
        TrainingRun run =
            new TrainingRun(
                model,
                options,
                session,
                objective,
                EpochSteps.byLength(train, options),
                RunIdentity.of(
                    model,
                    options.toString(),
                    session.warmStart().stream().toList(),
                    List.of(train, validation)))) {
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

  /** It would be trained from other tokens on than it is served from. */
  private void requireSameInvocation(LoraAdapter start) {
    List<Integer> own = start.config().aloraInvocationTokens();
    if (!own.equals(options.lora().aloraInvocationTokens())) {
      throw new AdapterException(
          "The adapter to start from is invoked by the tokens %s, but training is set to %s. Train on with the adapter's own."
              .formatted(own, options.lora().aloraInvocationTokens()));
    }
  }

  /** One adapter over whole sequences or, if it is an activated one, from its invocation on. */
  private final class OneAdapter implements Objective {

    private final Decoder decoder;
    private final GradientKernel kernel;
    private final TrainableLora parameters;
    private final List<EncodedExample> selection;

    OneAdapter(Decoder decoder, TrainableLora parameters, List<EncodedExample> selection) {
      this.decoder = decoder;
      this.kernel = GradientKernel.of(decoder);
      this.parameters = parameters;
      this.selection = selection;
    }

    @Override
    public List<NDArray> arrays() {
      return parameters.moving();
    }

    @Override
    public Gradients gradients(
        NDManager scope, List<EncodedExample> batch, double weight, double share, long salt) {
      GradientKernel.Lesson lesson =
          new GradientKernel.Lesson(
              parameters,
              AnswerBatch.of(batch),
              batch.stream().mapToInt(this::activation).toArray(),
              weight,
              options.seed() * 6_364_136_223_846_793_005L + salt);
      return kernel
          .gradients(scope, List.of(lesson), options.lora().loraDropout(), options.checkpointing())
          .get(0);
    }

    /** Index of the example's first token under the adapter; there is one, as has been checked. */
    private int activation(EncodedExample example) {
      return options.lora().activationPosition(example.prompt()).orElseThrow();
    }

    @Override
    public float[][] selectionLosses() {
      try (AppliedLora weights = decoder.fuse(parameters)) {
        List<AdapterChoice> choices =
            selection.stream()
                .map(example -> AdapterChoice.from(weights, activation(example)))
                .toList();
        return AnswerLoss.perToken(model, selection, choices, EVALUATION_BATCH_SIZE);
      }
    }

    @Override
    public void close() {
      kernel.close(); // the parameters belong to the caller
    }
  }
}
