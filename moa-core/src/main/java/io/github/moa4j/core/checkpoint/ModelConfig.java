package io.github.moa4j.core.checkpoint;

/**
 * The shape of a decoder of the Llama, Mistral, Qwen2 or Qwen3 family, as {@code config.json}
 * states it. Families are configurations of one model, not subclasses.
 *
 * @param modelType {@code llama}, {@code mistral}, {@code qwen2} or {@code qwen3}
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
 * @param queryKeyNorm whether queries and keys pass a per-head RMS norm (Qwen3)
 * @param slidingWindow attention reaches this many tokens back; 0 for no limit
 * @param rope the rotary position embedding
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
    int slidingWindow,
    RopeConfig rope) {}
