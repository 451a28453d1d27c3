package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.lora.RankBlocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Several experts of one shape that train together. They lie side by side in the ranks of one wide
 * adapter, so that one matrix product serves all of them and a strength for each expert and token
 * tells which of them acts: E experts of rank r are one adapter of rank E·r under gates [tokens,
 * E].
 *
 * <p>Who sets the strengths is the {@link ExpertGating}. Experts chosen by label get no gradient
 * from the sequences of others. In the other forms a gating per layer, softmax(W_l n + b_l) on the
 * layer's normed input n, learns with them.
 *
 * <p>Owns native memory; not thread-safe.
 */
public final class ExpertBank implements AutoCloseable {

  /**
   * Loss and gradients of a batch.
   *
   * @param loss sum of −log p over the answer tokens
   * @param routingLoss mean over the layers of, for a choice by token, E · Σ_e (share of tokens ·
   *     mean probability) (Fedus et al., 2022, equation 4; 1 if the experts are used evenly), for
   *     routers beside labels their cross-entropy; else 0
   * @param arrays the gradient of each of {@link #arrays()}
   */
  public record Gradients(double loss, double routingLoss, List<NDArray> arrays) {}

  private final BaseModel model;
  private final NDManager manager;
  private final LoraParameters parameters; // of rank experts * rank
  private final LoraConfig expert;
  private final int experts;
  private final ExpertGating gating;
  private final NDArray weight; // [layers, experts, width of what is read]
  private final NDArray bias; // [layers, experts]
  private final int[] moving; // indices of the parameter arrays that are not empty

  private ExpertBank(
      BaseModel model, LoraParameters parameters, LoraConfig expert, ExpertGating gating) {
    this.model = model;
    this.parameters = parameters;
    this.expert = expert;
    this.experts = parameters.config().rank() / expert.rank();
    this.gating = gating;
    this.manager = model.newScope();
    int layers = model.config().numHiddenLayers();
    int width = gating.pooling().width(model.config().hiddenSize());
    this.weight = manager.zeros(new Shape(layers, experts, width));
    this.bias = manager.zeros(new Shape(layers, experts));
    this.moving =
        IntStream.range(0, parameters.arrays().size())
            .filter(i -> parameters.arrays().get(i).size() > 0)
            .toArray();
  }

  /**
   * Creates experts that start as the base does, each from its own random A.
   *
   * @param expert the shape of one of them
   * @param seed determines A and the gating
   */
  public static ExpertBank initialize(
      BaseModel model, LoraConfig expert, int experts, ExpertGating gating, long seed) {
    if (experts < 1 || gating.topK() > experts) {
      throw new IllegalArgumentException(
          "A bank needs 1 expert or more and takes at most all of them, not %d of %d"
              .formatted(gating.topK(), experts));
    }
    LoraParameters parameters = model.newAdapter(wide(expert, experts), seed);
    ExpertBank bank = new ExpertBank(model, parameters, expert, gating);
    bank.initializeGating(seed);
    return bank;
  }

  /**
   * Creates experts from trained adapters of one rank, scaling and set of target modules.
   *
   * @param seed determines the gating
   * @throws AdapterException if the adapters differ in shape
   */
  public static ExpertBank of(
      BaseModel model, List<LoraAdapter> adapters, ExpertGating gating, long seed) {
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
    ExpertBank bank = initialize(model, expert, adapters.size(), gating, seed);
    try (LoraParameters side = model.trainable(sideBySide(adapters, bank.parameters.config()))) {
      model.assign(bank.parameters.arrays(), side.arrays());
    }
    return bank;
  }

  /** The configuration of the wide adapter, with the scaling of one expert. */
  private static LoraConfig wide(LoraConfig expert, int experts) {
    if (!expert.aloraInvocationTokens().isEmpty() || expert.loraDropout() > 0) {
      throw new IllegalArgumentException(
          "Experts that train together have no dropout and no invocation tokens: " + expert);
    }
    double alpha = expert.loraAlpha() * (expert.useRslora() ? Math.sqrt(experts) : experts);
    return LoraConfig.of(expert.rank() * experts, alpha, expert.targetModules())
        .withRslora(expert.useRslora());
  }

  private static LoraAdapter sideBySide(List<LoraAdapter> adapters, LoraConfig wide) {
    return LoraAdapter.of(wide, RankBlocks.join(adapters));
  }

  /** A small random gating, so that the experts do not all learn the same. */
  private void initializeGating(long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x6A09E667F3BCC909L);
    float[] values = new float[Math.toIntExact(weight.size())];
    double deviation = 0.02;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    try (NDArray source = manager.create(values, weight.getShape())) {
      model.assign(List.of(weight), List.of(source));
    }
  }

  /** Returns the number of experts. */
  public int experts() {
    return experts;
  }

  /** Returns what trains: f32 arrays of the experts and, unless chosen by label, of the gating. */
  public List<NDArray> arrays() {
    List<NDArray> arrays = new ArrayList<>();
    for (int i : moving) {
      arrays.add(parameters.arrays().get(i));
    }
    if (gating.learns()) {
      arrays.add(weight);
      arrays.add(bias);
    }
    return arrays;
  }

  /** Returns how many of the last of {@link #arrays()} are the gating's. */
  public int gatingArrays() {
    return gating.learns() ? 2 : 0;
  }

  /**
   * Computes the gradients of Σ weight · loss + routingWeight · routing loss.
   *
   * @param scope owner of the result
   * @param batch right-padded
   * @param promptLengths tokens of each row's prompt, what a choice by sequence sees
   * @param labels expert of each row, for choices by label; else empty
   * @param weight of one answer token
   * @param routingWeight of the routing loss
   */
  public Gradients gradients(
      NDManager scope,
      TokenBatch batch,
      AnswerTargets targets,
      int[] promptLengths,
      int[] labels,
      double weight,
      double routingWeight) {
    model.check(batch, targets);
    try (NDManager inner = scope.newSubManager()) {
      NDList found =
          model
              .kernel()
              .runWithAutograd(
                  scope,
                  "expert_gradients",
                  batch.toArray(inner, model.vocabSize()),
                  inner.create(targets.positions()),
                  inner.create(targets.tokens()),
                  parameters.arrays(),
                  labelGate(inner, batch, labels),
                  inner.create(settings()),
                  this.weight,
                  bias,
                  PromptPools.weights(inner, gating.pooling(), batch, promptLengths),
                  gating.kind() == ExpertGating.Kind.BY_LABEL_WITH_ROUTERS
                      ? oneHot(inner, labels)
                      : inner.ones(new Shape((long) batch.rows() * batch.length())),
                  inner.create(
                      new double[] {weight, parameters.config().scaling(), routingWeight}));
      List<NDArray> gradients = new ArrayList<>();
      for (int i : moving) {
        gradients.add(found.get(2 + i));
      }
      if (gating.learns()) {
        gradients.add(found.get(16));
        gradients.add(found.get(17));
      }
      return new Gradients(found.get(0).getFloat(), found.get(1).getFloat(), gradients);
    }
  }

  /**
   * Computes the loss of each answer token.
   *
   * @return −log p(target) in natural logarithm, in the order of {@code targets}
   */
  public float[] losses(
      LoraWeights fused,
      TokenBatch batch,
      AnswerTargets targets,
      int[] promptLengths,
      int[] labels) {
    model.check(batch, targets);
    try (NDManager scope = model.newScope()) {
      return model
          .kernel()
          .run(
              scope,
              "answer_losses",
              batch.toArray(scope, model.vocabSize()),
              fused.tensors(),
              List.of(labelGate(scope, batch, labels)),
              choosing(scope, batch, promptLengths),
              scope.create(targets.positions()),
              scope.create(targets.tokens()))
          .get(0)
          .toFloatArray();
    }
  }

  /**
   * Computes with which probability each layer chooses each expert for a sequence.
   *
   * @param prompts token ids
   * @return [prompt][layer][expert]
   */
  public double[][][] choices(LoraWeights fused, List<int[]> prompts) {
    if (gating.kind() != ExpertGating.Kind.BY_SEQUENCE) {
      throw new IllegalStateException("These experts are chosen " + gating + ", not by sequence");
    }
    try (NDManager scope = model.newScope()) {
      return LayerChoices.run(
          model,
          scope,
          prompts,
          fused.tensors(),
          List.of(scope.create(new float[0])),
          scope.create(settings()),
          weight,
          bias,
          gating.pooling());
    }
  }

  private List<NDArray> choosing(NDManager scope, TokenBatch batch, int[] promptLengths) {
    NDArray settings = scope.create(settings());
    return gating.labelled()
        ? List.of(settings)
        : List.of(
            settings,
            weight,
            bias,
            PromptPools.weights(scope, gating.pooling(), batch, promptLengths),
            scope.ones(new Shape((long) batch.rows() * batch.length())));
  }

  private long[] settings() {
    return new long[] {gating.mode(), expert.rank(), gating.topK()};
  }

  /** The strengths [1, rows · length, experts] that labels set; empty for other choices. */
  private NDArray labelGate(NDManager scope, TokenBatch batch, int[] labels) {
    if (!gating.labelled()) {
      return scope.create(new float[0]);
    }
    if (labels.length != batch.rows()
        || Arrays.stream(labels).anyMatch(label -> label < 0 || label >= experts)) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs as many labels below %d, not %s"
              .formatted(batch.rows(), experts, Arrays.toString(labels)));
    }
    float[] gate = new float[batch.rows() * batch.length() * experts];
    for (int i = 0; i < batch.rows() * batch.length(); i++) {
      gate[i * experts + labels[i / batch.length()]] = 1;
    }
    return scope.create(gate, new Shape(1, (long) batch.rows() * batch.length(), experts));
  }

  private NDArray oneHot(NDManager scope, int[] labels) {
    float[] values = new float[labels.length * experts];
    for (int row = 0; row < labels.length; row++) {
      values[row * experts + labels[row]] = 1;
    }
    return scope.create(values, new Shape(labels.length, experts));
  }

  /**
   * Makes one adapter of the experts' present values; the caller closes it. It generates as it is
   * if tokens choose; experts chosen by label are split first.
   */
  public LoraWeights fuse() {
    LoraWeights fused = model.fuse(parameters);
    return gating.kind() == ExpertGating.Kind.BY_TOKEN
        ? fused.withGating(settings(), weight, bias)
        : fused;
  }

  /** Returns each expert as an adapter of its own. */
  public List<LoraAdapter> split() {
    return RankBlocks.split(parameters.toAdapter(), expert, experts);
  }

  /** Returns the gating's weight [layers, experts, width] and bias [layers, experts]. */
  public List<HostTensor> gatingTensors() {
    return List.of(
        HostTensor.of(weight.toFloatArray(), weight.getShape().getShape()),
        HostTensor.of(bias.toFloatArray(), bias.getShape().getShape()));
  }

  /** Returns the number of trainable values. */
  public long size() {
    return arrays().stream().mapToLong(NDArray::size).sum();
  }

  /** Returns the trained experts' number and choice, for a log line. */
  @Override
  public String toString() {
    return "ExpertBank[%d experts of rank %d, %s]".formatted(experts, expert.rank(), gating);
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    parameters.close();
    manager.close();
  }
}
