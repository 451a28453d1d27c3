package io.github.moa4j.training.gradient;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.gradient.internal.AnswerBatch;
import io.github.moa4j.training.gradient.internal.TrainableExperts;
import java.util.List;

/**
 * Several experts of one shape that train together. Who decides which of them act is the {@link
 * ExpertGating}: experts chosen by label get no gradient from the sequences of others; in the other
 * forms a gating per layer, softmax(W_l n + b_l) on the layer's normed input n, learns with them.
 *
 * <p>Owns native memory; not thread-safe.
 */
public final class ExpertBank implements AutoCloseable {

  private final TrainableExperts experts;
  private final ExpertGating gating;

  private ExpertBank(TrainableExperts experts, ExpertGating gating) {
    this.experts = experts;
    this.gating = gating;
  }

  /**
   * Creates experts that start as the base does, each from its own random A.
   *
   * @param expert the shape of one of them
   * @param seed determines A and the gating
   */
  public static ExpertBank initialize(
      BaseModel model, LoraConfig expert, int experts, ExpertGating gating, long seed) {
    check(experts, gating);
    Decoder decoder = model.unwrap(Decoder.class);
    return new ExpertBank(TrainableExperts.random(decoder, expert, experts, gating, seed), gating);
  }

  /**
   * Creates experts from trained adapters of one rank, scaling and set of target modules.
   *
   * @param seed determines the gating
   * @throws AdapterException if the adapters differ in shape
   */
  public static ExpertBank of(
      BaseModel model, List<LoraAdapter> adapters, ExpertGating gating, long seed) {
    check(adapters.size(), gating);
    LoraConfig expert = adapters.get(0).config();
    for (LoraAdapter adapter : adapters) {
      if (!adapter.config().equals(expert) || !expert.rankPattern().isEmpty()) {
        throw new AdapterException(
            "Experts that train together have one configuration, without rank_pattern; found "
                + expert
                + " and "
                + adapter.config());
      }
    }
    Decoder decoder = model.unwrap(Decoder.class);
    return new ExpertBank(TrainableExperts.of(decoder, adapters, gating, seed), gating);
  }

  private static void check(int experts, ExpertGating gating) {
    if (experts < 1 || gating.topK() > experts) {
      throw new IllegalArgumentException(
          "A bank needs 1 expert or more and takes at most all of them, not %d of %d"
              .formatted(gating.topK(), experts));
    }
  }

  /** Returns the number of experts. */
  public int experts() {
    return experts.count();
  }

  /**
   * Makes one adapter of the experts' present values; the caller closes it. It generates as it is
   * if tokens choose; experts chosen by label are split first.
   */
  public AppliedLora fuse() {
    return experts.fuse();
  }

  /** Returns each expert as an adapter of its own. */
  public List<LoraAdapter> split() {
    return experts.split();
  }

  /** Returns the gating's weight [layers, experts, width] and bias [layers, experts]. */
  public List<HostTensor> gatingTensors() {
    return experts.gatingTensors();
  }

  /**
   * Computes the loss of each answer token of each example, in batches.
   *
   * @param fused the experts' values
   * @param labels expert of each example, for choices by label; else empty
   * @param batchSize examples a forward pass
   * @return −log p in natural logarithm, in the order of the examples
   */
  public float[][] losses(
      AppliedLora fused, List<EncodedExample> examples, List<Integer> labels, int batchSize) {
    return AnswerBatch.losses(
        examples,
        batchSize,
        (batch, rows) ->
            experts.losses(
                FusedLora.of(fused),
                batch,
                labels.isEmpty() ? new int[0] : rows.stream().mapToInt(labels::get).toArray()));
  }

  /**
   * Computes with which probability each layer chooses each expert for a sequence.
   *
   * @param prompts token ids
   * @return [prompt][layer][expert]
   */
  public double[][][] choices(AppliedLora fused, List<int[]> prompts) {
    if (gating.kind() != ExpertGating.Kind.BY_SEQUENCE) {
      throw new IllegalStateException("These experts are chosen " + gating + ", not by sequence");
    }
    return experts.mixtures(FusedLora.of(fused), prompts);
  }

  /**
   * Gives out what lies beneath: the {@link TrainableExperts}, for the other rooms of the library.
   *
   * @throws IllegalArgumentException if there is nothing of that type
   */
  public <T> T unwrap(Class<T> type) {
    if (type.isInstance(experts)) {
      return type.cast(experts);
    }
    throw new IllegalArgumentException("An expert bank holds no " + type.getName());
  }

  /** Returns the number of trainable values. */
  public long size() {
    return experts.arrays().stream().mapToLong(array -> array.size()).sum();
  }

  /** Returns the trained experts' number and choice, for a log line. */
  @Override
  public String toString() {
    return "ExpertBank[%d experts of rank %d, %s]"
        .formatted(experts.count(), experts.rank(), gating);
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    experts.close();
  }
}
