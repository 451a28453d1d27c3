package io.github.moa4j.core.config;

import io.github.moa4j.core.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a decoder of a supported family, as {@code config.json} states it. Families are
 * configurations of one model, not subclasses.
 *
 * @param modelType such as {@code llama} or {@code qwen3}
 * @param hiddenSize width of the residual stream
 * @param numHiddenLayers number of decoder layers
 * @param numAttentionHeads number of query heads
 * @param numKeyValueHeads number of key/value heads
 * @param headDim width of one head
 * @param intermediateSize width of the feed-forward layer
 * @param vocabSize rows of the embedding matrix
 * @param rmsNormEps epsilon of the RMS norms
 * @param maxPositionEmbeddings the context limit in tokens
 * @param tieWordEmbeddings whether the embedding matrix is also the output projection
 * @param attentionBias whether q, k and v projections carry a bias
 * @param outputBias whether the o projection carries a bias
 * @param mlpBias whether gate, up and down projections carry a bias
 * @param queryKeyNorm whether queries and keys pass an RMS norm, per head unless {@code design}
 *     says otherwise
 * @param design what the parts compute
 * @param slidingWindow attention of windowed layers reaches this many tokens back, the token itself
 *     included; 0 where no layer has a window
 * @param attention how each layer attends
 * @param multipliers of embeddings, scores, residuals and logits
 * @param rope the rotary position embedding
 * @param windowRope that of the layers with a window; mostly the same
 * @param experts of the layers that have them instead of one feed-forward network
 */
public record ModelConfig(
    String modelType,
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    int intermediateSize,
    int vocabSize,
    double rmsNormEps,
    int maxPositionEmbeddings,
    boolean tieWordEmbeddings,
    boolean attentionBias,
    boolean outputBias,
    boolean mlpBias,
    boolean queryKeyNorm,
    DecoderDesign design,
    int slidingWindow,
    List<LayerAttention> attention,
    Multipliers multipliers,
    RopeConfig rope,
    RopeConfig windowRope,
    Experts experts) {

  static final int MAX_LAYERS = 10_000;

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public ModelConfig {
    Objects.requireNonNull(modelType, "modelType");
    Objects.requireNonNull(rope, "rope");
    positive(hiddenSize, "hiddenSize");
    positive(numHiddenLayers, "numHiddenLayers");
    positive(numAttentionHeads, "numAttentionHeads");
    positive(numKeyValueHeads, "numKeyValueHeads");
    positive(headDim, "headDim");
    positive(intermediateSize, "intermediateSize");
    positive(vocabSize, "vocabSize");
    positive(maxPositionEmbeddings, "maxPositionEmbeddings");
    require(numHiddenLayers <= MAX_LAYERS, "numHiddenLayers is over " + MAX_LAYERS);
    require(
        numAttentionHeads % numKeyValueHeads == 0,
        "numAttentionHeads ("
            + numAttentionHeads
            + ") is not a multiple of numKeyValueHeads ("
            + numKeyValueHeads
            + ")");
    require(
        rope.rotaryDims() <= headDim,
        "rotaryDims (" + rope.rotaryDims() + ") is over headDim (" + headDim + ")");
    require(
        (long) numAttentionHeads * headDim <= Integer.MAX_VALUE,
        "numAttentionHeads times headDim is over 2^31");
    require(rmsNormEps > 0 && rmsNormEps < 1, "rmsNormEps is not between 0 and 1: " + rmsNormEps);
    require(slidingWindow >= 0, "slidingWindow is negative: " + slidingWindow);
    Objects.requireNonNull(multipliers, "multipliers");
    Objects.requireNonNull(design, "design");
    require(
        rope.rotaryDims() == windowRope.rotaryDims(),
        "rotaryDims differ between layers: "
            + rope.rotaryDims()
            + " and "
            + windowRope.rotaryDims());
    require(
        experts.layers().isEmpty() || experts.layers().size() == numHiddenLayers,
        "experts are told of " + experts.layers().size() + " layers");
    attention = List.copyOf(attention);
    require(
        attention.size() == numHiddenLayers,
        "attention is told of " + attention.size() + " layers, the model has " + numHiddenLayers);
    require(
        slidingWindow > 0 == attention.stream().anyMatch(LayerAttention::windowed),
        "slidingWindow is " + slidingWindow + " with layers " + attention);
  }

  /**
   * Returns the number of tokens that fit the context: {@code maxPositionEmbeddings}, or more where
   * that is the context of training and the rotary scaling stretches it (yarn, dynamic).
   */
  public int contextLength() {
    double stretched = 0;
    if (rope.scaling() instanceof RopeScaling.Yarn yarn) {
      stretched = yarn.factor() * yarn.originalMaxPositionEmbeddings();
    } else if (rope.scaling() instanceof RopeScaling.Dynamic dynamic) {
      stretched = dynamic.factor() * dynamic.maxPositionEmbeddings();
    }
    return (int) Math.max(maxPositionEmbeddings, Math.min(stretched, Integer.MAX_VALUE));
  }

  private static void positive(int value, String name) {
    require(value > 0, name + " is not positive: " + value);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * Reads a Hugging Face {@code config.json}.
   *
   * @throws CheckpointException if the file is missing or damaged, a required key is missing or out
   *     of range, or the architecture is one that MoA4J would compute wrongly; the message names
   *     the file and the key
   */
  public static ModelConfig read(Path configJson) {
    return ModelConfigReader.read(configJson);
  }
}
