package io.github.moa4j.training.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.AnswerLoss;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import io.github.moa4j.training.gradient.internal.GradientKernel;
import io.github.moa4j.training.gradient.internal.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One adapter over whole sequences or, if it is an activated one, from its invocation on. */
final class OneAdapter implements Objective {

  private final BaseModel model;
  private final TrainingOptions options;
  private final Decoder decoder;
  private final SharedPass pass;
  private final TrainableLora parameters;
  private final List<EncodedExample> selection;
  private final List<Integer> selectionSizes;
  private final Optional<PrivateLearning> privacy;

  OneAdapter(
      BaseModel model,
      TrainingOptions options,
      SharedPass pass,
      TrainableLora parameters,
      List<List<EncodedExample>> selection,
      Optional<PrivateLearning> privacy) {
    this.model = model;
    this.options = options;
    this.decoder = model.unwrap(Decoder.class);
    this.pass = pass;
    this.parameters = parameters;
    this.selection = selection.stream().flatMap(List::stream).toList();
    this.selectionSizes = selection.stream().map(List::size).toList();
    this.privacy = privacy;
  }

  @Override
  public List<NDArray> arrays() {
    return parameters.moving();
  }

  @Override
  public double[] learningRates(double scheduled) {
    return Objective.learningRates(
        scheduled, arrays().size(), parameters.movingFactors(), options.loraPlusRatio());
  }

  @Override
  public Gradients gradients(
      NDManager scope, List<EncodedExample> batch, double weight, double share, long salt) {
    return pass.gradients(scope, List.of(lesson(batch, weight, salt))).get(0);
  }

  @Override
  public Optional<PrivateLearning> privacy() {
    return privacy;
  }

  /** Each example is what an adapter learns from that trains beside those of the others. */
  @Override
  public List<Gradients> exampleGradients(NDManager scope, List<EncodedExample> batch, long salt) {
    List<GradientKernel.Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      EncodedExample example = batch.get(i);
      lessons.add(
          lesson(List.of(example), 1.0 / example.answerLength(), salt + i * 1_000_000_007L));
    }
    return pass.gradients(scope, lessons);
  }

  private GradientKernel.Lesson lesson(List<EncodedExample> batch, double weight, long salt) {
    return new GradientKernel.Lesson(
        parameters,
        AnswerBatch.of(batch),
        batch.stream().mapToInt(this::activation).toArray(),
        weight,
        options.seed() * 6_364_136_223_846_793_005L + salt);
  }

  /** Index of the example's first token under the adapter; there is one, as has been checked. */
  private int activation(EncodedExample example) {
    return options.lora().activationPosition(example.prompt()).orElseThrow();
  }

  @Override
  public SelectionLoss selectionLoss() {
    try (AppliedLora weights = decoder.fuse(parameters)) {
      List<AdapterChoice> choices =
          selection.stream()
              .map(example -> AdapterChoice.from(weights, activation(example)))
              .toList();
      return SelectionLoss.of(
          AnswerLoss.perToken(model, selection, choices, EVALUATION_BATCH_SIZE), selectionSizes);
    }
  }

  @Override
  public void close() {
    // The parameters and the pass belong to the caller.
  }
}
