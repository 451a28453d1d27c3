package io.github.moa4j.training.gradient.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.kernel.internal.ScriptSource;
import io.github.moa4j.core.kernel.internal.TorchScript;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The decoder's script with that of the gradients beside it, over the decoder's own weights: one
 * Java method for each of the methods that only training needs. {@code gradient.torchscript} states
 * the shapes.
 *
 * <p>Owns native memory, but not the decoder, and is closed before it. Not thread-safe where the
 * same parameters are passed.
 */
public final class GradientKernel implements AutoCloseable {

  private static final ScriptSource SOURCE =
      ScriptSource.of(GradientKernel.class, "gradient.torchscript");

  private final Decoder decoder;
  private final TorchScript script;

  private GradientKernel(Decoder decoder, TorchScript script) {
    this.decoder = decoder;
    this.script = script;
  }

  /** Loads the methods beside a decoder's own. */
  public static GradientKernel of(Decoder decoder) {
    return new GradientKernel(decoder, decoder.kernel().with(SOURCE));
  }

  /**
   * Computes the gradient of a batch's loss by an adapter's parameters. Neither the base nor the
   * parameters carry gradient state, before or after.
   *
   * @param scope owner of the result
   * @param fromPositions per row the first token under the adapter; all 0 for whole sequences
   * @param weight of one answer token, usually 1 / their number in the optimiser step
   * @param dropout probability of LoRA dropout (on the adapter's input)
   * @param seed of the dropout masks
   * @return gradients of {@code weight} times the loss, one for each of {@link
   *     TrainableLora#moving()}
   */
  public Gradients gradients(
      NDManager scope,
      TrainableLora parameters,
      AnswerBatch batch,
      int[] fromPositions,
      double weight,
      double dropout,
      long seed) {
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    try (NDManager inner = scope.newSubManager()) {
      DecoderPass pass = decoder.pass(inner, batch.tokens());
      NDList found =
          script.runWithAutograd(
              scope,
              "gradients",
              pass.tokens(),
              counts(inner, batch.tokens()),
              pass.frequencies(),
              inner.create(batch.targets().positions()),
              inner.create(batch.targets().tokens()),
              parameters.arrays(),
              gate(inner, batch.tokens(), fromPositions),
              inner.create(new double[] {weight, dropout, parameters.config().scaling()}),
              inner.create(seed));
      return new Gradients(found.get(0).getFloat(), 0, found.subNDList(1));
    }
  }

  private static NDArray counts(NDManager scope, TokenBatch batch) {
    long[] counts = new long[batch.rows()];
    Arrays.setAll(counts, batch::length);
    return scope.create(counts);
  }

  private static NDArray gate(NDManager scope, TokenBatch batch, int[] fromPositions) {
    if (fromPositions.length != batch.rows()) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs as many positions to start from, not %d"
              .formatted(batch.rows(), fromPositions.length));
    }
    float[] gate = new float[batch.size()];
    boolean whole = true;
    for (int row = 0; row < batch.rows(); row++) {
      whole &= fromPositions[row] == 0;
      for (int i = batch.offsets()[row] + fromPositions[row]; i < batch.offsets()[row + 1]; i++) {
        gate[i] = 1;
      }
    }
    return whole ? scope.create(new float[0]) : scope.create(gate, new Shape(batch.size(), 1));
  }

  /**
   * Computes the gradients of {@code weight} · loss + {@code routingWeight} · routing loss.
   *
   * @param scope owner of the result
   * @param experts side by side in the ranks of one adapter
   * @param gate the labels' strengths f32 [tokens, experts]; empty where layers choose
   * @param choice who chooses, how many experts a token takes, rank of one: i64 [3]
   * @param weight of the routers, f32 [layers, experts, width], and their {@code bias}
   * @param pool what routers read of a sequence
   * @param labels of the sequences, for the routing loss over them; else empty
   */
  Gradients expertGradients(
      NDManager scope,
      TrainableLora experts,
      AnswerBatch batch,
      NDArray gate,
      NDArray choice,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      NDArray labels,
      double tokenWeight,
      double routingWeight) {
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    try (NDManager inner = scope.newSubManager()) {
      DecoderPass pass = decoder.pass(inner, batch.tokens());
      NDList found =
          script.runWithAutograd(
              scope,
              "expert_gradients",
              pass.tokens(),
              counts(inner, batch.tokens()),
              pass.frequencies(),
              inner.create(batch.targets().positions()),
              inner.create(batch.targets().tokens()),
              experts.arrays(),
              gate,
              choice,
              weight,
              bias,
              pool,
              labels,
              inner.create(new double[] {tokenWeight, experts.config().scaling(), routingWeight}));
      return new Gradients(found.get(0).getFloat(), found.get(1).getFloat(), found.subNDList(2));
    }
  }

  /** Computes −log p of each target where each layer mixes the experts for each sequence. */
  float[] mixedLosses(
      TrainableLora experts,
      long block,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      AnswerBatch batch) {
    batch.targets().checkFit(batch.tokens(), decoder.config().vocabSize());
    try (NDManager scope = decoder.newScope()) {
      NDArray positions = scope.create(batch.targets().positions());
      NDArray targets = scope.create(batch.targets().tokens());
      return mixed(
          scope,
          "mixed_losses",
          batch.tokens(),
          experts,
          block,
          weight,
          bias,
          pool,
          positions,
          targets);
    }
  }

  /** Computes in which shares each layer mixes the experts, f32 [layers, rows, experts]. */
  float[] mixtures(
      TrainableLora experts,
      long block,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      TokenBatch batch) {
    try (NDManager scope = decoder.newScope()) {
      return mixed(scope, "mixtures", batch, experts, block, weight, bias, pool);
    }
  }

  private float[] mixed(
      NDManager scope,
      String method,
      TokenBatch batch,
      TrainableLora experts,
      long block,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      Object... more) {
    DecoderPass pass = decoder.pass(scope, batch);
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                pass.tokens(),
                counts(scope, batch),
                pass.frequencies(),
                experts.arrays(),
                scope.create(experts.config().scaling()),
                scope.create(block),
                weight,
                bias,
                pool));
    arguments.addAll(List.of(more));
    return script.run(scope, method, arguments.toArray()).get(0).toFloatArray();
  }

  /** Frees the module. */
  @Override
  public void close() {
    script.close();
  }
}
