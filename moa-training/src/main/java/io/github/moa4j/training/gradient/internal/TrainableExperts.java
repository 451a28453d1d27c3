package io.github.moa4j.training.gradient.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.LayerChoices;
import io.github.moa4j.core.model.internal.PromptPools;
import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.training.gradient.ExpertGating;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The native side of an {@link io.github.moa4j.training.gradient.ExpertBank}: experts that lie side
 * by side in the ranks of one wide adapter, so that one matrix product serves all of them and a
 * strength for each expert and token tells which of them acts: E experts of rank r are one adapter
 * of rank E·r under gates [tokens, E].
 *
 * <p>Owns native memory; not thread-safe.
 */
public final class TrainableExperts implements AutoCloseable {

  private static final double INITIAL_DEVIATION = 0.02;

  private final Decoder decoder;
  private final GradientKernel kernel;
  private final NDManager manager;
  private final TrainableLora parameters; // of rank experts * rank
  private final LoraConfig expert;
  private final int count;
  private final ExpertGating gating;
  private final NDArray weight; // [layers, experts, width of what is read]
  private final NDArray bias; // [layers, experts]

  private TrainableExperts(
      Decoder decoder,
      TrainableLora parameters,
      LoraConfig expert,
      int count,
      ExpertGating gating) {
    this.decoder = decoder;
    this.kernel = GradientKernel.of(decoder);
    this.parameters = parameters;
    this.expert = expert;
    this.count = count;
    this.gating = gating;
    this.manager = decoder.newScope();
    int layers = decoder.config().numHiddenLayers();
    int width = gating.pooling().width(decoder.config().hiddenSize());
    this.weight = manager.zeros(new Shape(layers, count, width));
    this.bias = manager.zeros(new Shape(layers, count));
  }

  /**
   * Creates experts that start as the base does, each from its own random A.
   *
   * @param seed determines A and the gating
   */
  public static TrainableExperts random(
      Decoder decoder, LoraConfig wanted, int count, ExpertGating gating, long seed) {
    LoraConfig expert = wanted.forModel(decoder.config());
    LoraAdapter start = LoraInitialization.random(decoder.config(), wide(expert, count), seed);
    return of(decoder, start, expert, count, gating, seed);
  }

  /**
   * Creates experts from adapters of one configuration.
   *
   * @param seed determines the gating
   */
  public static TrainableExperts of(
      Decoder decoder, List<LoraAdapter> adapters, ExpertGating gating, long seed) {
    LoraConfig expert = adapters.get(0).config().forModel(decoder.config());
    int count = adapters.size();
    LoraAdapter start = LoraAdapter.of(wide(expert, count), RankBlocks.join(adapters));
    return of(decoder, start, expert, count, gating, seed);
  }

  private static TrainableExperts of(
      Decoder decoder,
      LoraAdapter start,
      LoraConfig expert,
      int count,
      ExpertGating gating,
      long seed) {
    TrainableExperts experts =
        new TrainableExperts(decoder, decoder.trainable(start), expert, count, gating);
    experts.initializeGating(seed);
    return experts;
  }

  /** The configuration of the wide adapter, with the scaling of one expert. */
  private static LoraConfig wide(LoraConfig expert, int count) {
    boolean plain = !expert.useDora() && !expert.loraBias();
    if (expert.targetModules().stream().anyMatch(TargetModule::isOfExperts)) {
      throw new IllegalArgumentException(
          "Adapters that train side by side leave the base's own experts alone: name"
              + " TargetModule.outsideOfExperts() instead of "
              + expert.targetModules());
    }
    if (!plain || !expert.aloraInvocationTokens().isEmpty() || expert.loraDropout() > 0) {
      throw new IllegalArgumentException(
          "Experts that train together are A and B alone, without dropout and invocation tokens: "
              + expert);
    }
    double alpha = expert.loraAlpha() * (expert.useRslora() ? Math.sqrt(count) : count);
    return LoraConfig.of(expert.rank() * count, alpha, expert.targetModules())
        .withRslora(expert.useRslora());
  }

  /** A small random gating, so that the experts do not all learn the same. */
  private void initializeGating(long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x6A09E667F3BCC909L);
    float[] values = new float[Math.toIntExact(weight.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    try (NDArray source = manager.create(values, weight.getShape())) {
      decoder.kernel().assign(List.of(weight), List.of(source));
    }
  }

  /** Returns the number of experts. */
  public int count() {
    return count;
  }

  /** Returns the rank of one expert. */
  public int rank() {
    return expert.rank();
  }

  /** Returns what trains: f32 arrays of the experts and, unless chosen by label, of the gating. */
  public List<NDArray> arrays() {
    List<NDArray> arrays = new ArrayList<>(parameters.moving());
    if (gating.learns()) {
      arrays.add(weight);
      arrays.add(bias);
    }
    return arrays;
  }

  /** Returns how many of the first of {@link #arrays()} are A and B, in turns. */
  public int factors() {
    return parameters.movingFactors();
  }

  /** Returns how many of the last of {@link #arrays()} are the gating's. */
  public int gatingArrays() {
    return gating.learns() ? 2 : 0;
  }

  /**
   * Computes the gradients of {@code weight} · loss + {@code routingWeight} · routing loss.
   *
   * @param scope owner of the result
   * @param labels expert of each row, for choices by label; else empty
   * @param tokenWeight of one answer token
   * @param routingWeight of the routing loss
   * @param checkpointing see {@link GradientKernel#gradients}
   */
  public Gradients gradients(
      NDManager scope,
      AnswerBatch batch,
      int[] labels,
      double tokenWeight,
      double routingWeight,
      boolean checkpointing) {
    requireFit(batch.tokens(), labels);
    try (NDManager inner = scope.newSubManager()) {
      return kernel.expertGradients(
          scope,
          parameters,
          batch,
          gating.labelled() ? labels : new int[0],
          inner.create(new long[] {number(), gating.topK(), expert.rank()}),
          weight,
          bias,
          pool(inner, batch.tokens(), batch.promptLengths()),
          gating.labelled() ? oneHot(inner, labels) : inner.create(new float[0]),
          tokenWeight,
          routingWeight,
          checkpointing);
    }
  }

  /** The number by which the script knows who chooses. */
  private long number() {
    return switch (gating.kind()) {
      case BY_LABEL -> 0;
      case BY_LABEL_WITH_ROUTERS -> 1;
      case BY_TOKEN -> 2;
      case BY_SEQUENCE -> 3;
    };
  }

  private NDArray pool(NDManager scope, TokenBatch batch, int[] promptLengths) {
    return PromptPools.weights(scope, gating.pooling(), batch, promptLengths);
  }

  /**
   * Computes the loss of each answer token, −log p(target) in natural logarithm.
   *
   * @param fused the experts' values
   * @param labels expert of each row, for choices by label; else empty
   */
  public float[] losses(FusedLora fused, AnswerBatch batch, int[] labels) {
    requireFit(batch.tokens(), labels);
    try (NDManager scope = decoder.newScope()) {
      DecoderPass pass = decoder.pass(scope, batch.tokens(), fused);
      if (gating.kind() == ExpertGating.Kind.BY_SEQUENCE) {
        NDArray pool = pool(scope, batch.tokens(), batch.promptLengths());
        return kernel.mixedLosses(scope, pass, weight, bias, pool, batch);
      }
      if (gating.labelled()) {
        pass = pass.with(labelled(scope, pass.parts(), batch.tokens(), labels));
      }
      return decoder.answerLosses(scope, pass, batch.tokens(), batch.targets());
    }
  }

  /**
   * Computes in which shares each layer mixes the experts for a sequence.
   *
   * @param prompts token ids
   * @return [prompt][layer][expert]
   */
  public double[][][] mixtures(FusedLora fused, List<int[]> prompts) {
    TokenBatch batch = TokenBatch.of(prompts);
    int[] lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
    try (NDManager scope = decoder.newScope()) {
      DecoderPass pass = decoder.pass(scope, batch, fused);
      float[] found = kernel.mixtures(scope, pass, weight, bias, pool(scope, batch, lengths));
      return LayerChoices.unpack(found, prompts.size(), count);
    }
  }

  private void requireFit(TokenBatch batch, int[] labels) {
    if (gating.labelled()
        && (labels.length != batch.rows()
            || Arrays.stream(labels).anyMatch(label -> label < 0 || label >= count))) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs as many labels below %d, not %s"
              .formatted(batch.rows(), count, Arrays.toString(labels)));
    }
  }

  /** The experts side by side, of which each token's label sets one to work. */
  private DecoderPass.Parts labelled(
      NDManager scope, DecoderPass.Parts parts, TokenBatch batch, int[] labels) {
    float[] gate = new float[batch.size() * count];
    for (int row = 0; row < labels.length; row++) {
      for (int token = batch.offsets()[row]; token < batch.offsets()[row + 1]; token++) {
        gate[token * count + labels[row]] = 1;
      }
    }
    return new DecoderPass.Parts(
        parts.adapters(),
        parts.ranges(),
        List.of(scope.create(gate, new Shape(1, batch.size(), count))),
        parts.vocabulary(),
        parts.groups(),
        parts.gating());
  }

  private NDArray oneHot(NDManager scope, int[] labels) {
    float[] values = new float[labels.length * count];
    for (int row = 0; row < labels.length; row++) {
      values[row * count + labels[row]] = 1;
    }
    return scope.create(values, new Shape(labels.length, count));
  }

  /** Makes one adapter of the experts' present values; the caller closes it. */
  public FusedLora fuse() {
    try (NDManager scope = decoder.newScope()) {
      List<NDArray> choosing =
          gating.kind() == ExpertGating.Kind.BY_TOKEN
              ? List.of(scope.create(new long[] {gating.topK()}), weight, bias)
              : List.of();
      return decoder.fuse(parameters, choosing, count, expert.rank());
    }
  }

  /** Returns each expert as an adapter of its own. */
  public List<LoraAdapter> split() {
    return RankBlocks.split(parameters.toAdapter(), expert, count);
  }

  /** Returns the gating's weight [layers, experts, width] and bias [layers, experts]. */
  public List<HostTensor> gatingTensors() {
    return List.of(
        HostTensor.of(weight.toFloatArray(), weight.getShape().getShape()),
        HostTensor.of(bias.toFloatArray(), bias.getShape().getShape()));
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    kernel.close();
    parameters.close();
    manager.close();
  }
}
