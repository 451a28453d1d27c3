package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.kernel.internal.SamplingKernel;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PromptStates;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A frozen decoder with its weights in native memory: the engine-level side of a {@link
 * io.github.moa4j.core.model.BaseModel}, which owns it. Nothing in this class changes the weights.
 *
 * <p>Any number of threads may call it at once. Arrays that a method returns belong to the scope
 * that was passed in.
 */
public final class Decoder {

  private final ModelConfig config;
  private final int contextLength;
  private final NDManager manager;
  private final DecoderKernel kernel;
  private final SamplingKernel sampling;
  private final PassLayout passes;

  private Decoder(ModelConfig config, int contextLength, NDManager manager, DecoderKernel kernel) {
    this.config = config;
    this.contextLength = contextLength;
    this.manager = manager;
    this.kernel = kernel;
    this.sampling = SamplingKernel.load(manager);
    this.passes = new PassLayout(manager, config);
  }

  /**
   * Copies a checkpoint's weights into native memory.
   *
   * @param manager closed by the caller; everything of the decoder hangs below it
   * @param contextLength tokens of a sequence, at most the model's own
   */
  public static Decoder load(
      NDManager manager, Checkpoint checkpoint, ComputeType computeType, int contextLength) {
    DecoderKernel kernel = DecoderKernel.load(manager, checkpoint, computeType);
    return new Decoder(checkpoint.config(), contextLength, manager, kernel);
  }

  /** Returns the shape of the model. */
  public ModelConfig config() {
    return config;
  }

  /** Returns the number of tokens that fit the context. */
  public int contextLength() {
    return contextLength;
  }

  /** Returns the script with the weights. */
  public DecoderKernel kernel() {
    return kernel;
  }

  /** What finds the next tokens in logits; closed with the decoder. */
  public SamplingKernel sampling() {
    return sampling;
  }

  /** Returns a new owner for arrays; the caller closes it. */
  public NDManager newScope() {
    return manager.newSubManager();
  }

  /**
   * Brings an adapter into native memory; the caller closes it.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if it does not fit this model
   */
  public FusedLora load(LoraAdapter adapter) {
    return FusedLora.of(manager, kernel, config, adapter);
  }

  /** Copies an adapter into trainable form; the caller closes it. */
  public TrainableLora trainable(LoraAdapter adapter) {
    return TrainableLora.of(manager, kernel, config, adapter);
  }

  /** Makes an adapter of the present values of trainable parameters; the caller closes it. */
  public FusedLora fuse(TrainableLora parameters) {
    return FusedLora.of(manager, kernel, parameters);
  }

  /** Makes an adapter whose ranks are experts; see {@link FusedLora}. */
  public FusedLora fuse(TrainableLora parameters, List<NDArray> gating, long block) {
    return FusedLora.of(manager, kernel, parameters, gating, block);
  }

  /**
   * Lays out a forward pass over whole sequences.
   *
   * @param scope owner of the pass's arrays
   * @param choices one a row
   * @throws ContextLengthException if the batch is longer than the context
   */
  public DecoderPass pass(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    check(batch);
    return passes.whole(scope, batch, choices);
  }

  /**
   * Lays out a forward pass over right-padded sequences without gates.
   *
   * @param adapters what it applies
   */
  public DecoderPass ungatedPass(NDManager scope, TokenBatch batch, List<FusedLora> adapters) {
    check(batch);
    return passes.ungated(scope, batch, adapters);
  }

  private void check(TokenBatch batch) {
    checkLength(batch.length());
    batch.check(config.vocabSize());
  }

  /**
   * Computes the logits of every position.
   *
   * @param scope owner of the result
   * @param choices one a row
   * @return f32 [rows, length, vocabSize]; rows of padding hold no meaning
   */
  public NDArray logits(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    try (NDManager inner = scope.newSubManager()) {
      return kernel.logits(scope, pass(inner, batch, choices));
    }
  }

  /** {@link #extend(NDManager, TokenBatch, List, KeyValueCache, BooleanSupplier)} to the end. */
  public NDArray extend(
      NDManager scope, TokenBatch batch, List<AdapterChoice> choices, KeyValueCache cache) {
    return extend(scope, batch, choices, cache, () -> false);
  }

  /**
   * Appends tokens to a cache, a long batch in pieces.
   *
   * @param scope owner of the result
   * @param batch as many rows as the cache has; only the first batch of a cache may be padded
   * @param choices one a row
   * @param cancelled asked between pieces
   * @return logits of each row's last position, f32 [rows, vocabSize]
   * @throws ContextLengthException if every row would leave the model's context
   * @throws io.github.moa4j.core.model.PromptCancelledException if it was cancelled; the cache then
   *     holds a part of the tokens
   */
  public NDArray extend(
      NDManager scope,
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      BooleanSupplier cancelled) {
    cache.checkRoom(batch);
    // Rows that have ended may idle beyond the context, but not all rows at once.
    checkLength(cache.length() + batch.length() - Arrays.stream(cache.padding()).max().orElse(0));
    batch.check(config.vocabSize());
    int[] lengths = cache.lengthsWith(batch);
    Pieces pieces = Pieces.of(batch, cache.length(), cancelled);
    for (int from = 0; ; from = pieces.end(from)) {
      pieces.checkCancelled(from);
      int end = pieces.end(from);
      try (NDManager inner = scope.newSubManager()) {
        DecoderPass pass = passes.appended(inner, batch, choices, cache, lengths, from, end);
        int past = cache.length();
        if (end == batch.length()) {
          NDArray logits = kernel.extend(scope, pass, cache.arrays(), past);
          cache.advance(end - from);
          return logits;
        }
        kernel.append(pass, cache.arrays(), past);
        cache.advance(end - from);
      }
    }
  }

  /**
   * Computes the pooled states of prompts, in one pass over the batch, long ones in pieces.
   *
   * @param prompts token ids, one array a prompt
   * @param choices one a prompt
   * @param depth number of layers to run; the result has one state more
   * @param cancelled asked between pieces
   * @throws io.github.moa4j.core.model.PromptCancelledException if it said yes, or the thread was
   *     interrupted
   */
  public List<PromptStates> promptStates(
      List<int[]> prompts, List<AdapterChoice> choices, int depth, BooleanSupplier cancelled) {
    if (depth < 0 || depth > layers()) {
      throw new IllegalArgumentException(
          "A pass runs 0 to %d layers, not %d".formatted(layers(), depth));
    }
    TokenBatch batch = TokenBatch.leftPadded(prompts);
    check(batch);
    if (Pieces.of(batch, 0, () -> false).isOne()) {
      try (NDManager scope = newScope()) {
        DecoderPass pass = pass(scope, batch, choices);
        NDArray pool = PromptPools.weights(scope, batch, 0, batch.length());
        NDArray states = kernel.pooled(scope, pass, List.of(), 0, pool, depth);
        return PromptPools.unpack(states.toFloatArray(), batch.rows(), depth + 1);
      }
    }
    try (KeyValueCache cache = KeyValueCache.of(this, batch, batch.length(), depth)) {
      return pooled(batch, choices, cache, depth, cancelled);
    }
  }

  /**
   * Runs a prompt through the base alone, a long one in pieces.
   *
   * @param cache empty; keys and values of the prompt are appended to it
   * @param cancelled asked between pieces
   * @return the prompt's states
   * @throws io.github.moa4j.core.model.PromptCancelledException if it was cancelled
   */
  public PromptStates prefill(int[] prompt, KeyValueCache cache, BooleanSupplier cancelled) {
    TokenBatch batch = TokenBatch.leftPadded(List.of(prompt));
    check(batch);
    return pooled(batch, List.of(AdapterChoice.base()), cache, layers(), cancelled).get(0);
  }

  private List<PromptStates> pooled(
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int depth,
      BooleanSupplier cancelled) {
    cache.checkRoom(batch);
    Pieces pieces = Pieces.of(batch, cache.length(), cancelled);
    float[] sums = new float[(depth + 1) * batch.rows() * 2 * config.hiddenSize()];
    for (int from = 0; from < batch.length(); from = pieces.end(from)) {
      pieces.checkCancelled(from);
      int end = pieces.end(from);
      try (NDManager scope = newScope()) {
        int[] lengths = batch.lengths();
        DecoderPass pass = passes.appended(scope, batch, choices, cache, lengths, from, end);
        NDArray pool = PromptPools.weights(scope, batch, from, end);
        float[] states =
            kernel.pooled(scope, pass, cache.arrays(), cache.length(), pool, depth).toFloatArray();
        for (int i = 0; i < sums.length; i++) {
          sums[i] += states[i];
        }
        cache.advance(end - from);
      }
    }
    return PromptPools.unpack(sums, batch.rows(), depth + 1);
  }

  /**
   * Computes the loss of each answer token.
   *
   * @param batch right-padded
   * @param choices one a row
   * @return −log p(target) in natural logarithm, in the order of {@code targets}
   */
  public float[] answerLosses(
      TokenBatch batch, List<AdapterChoice> choices, AnswerTargets targets) {
    try (NDManager scope = newScope()) {
      return answerLosses(scope, pass(scope, batch, choices), batch, targets);
    }
  }

  /** Computes the loss of each answer token in a pass of the caller's own over a batch. */
  public float[] answerLosses(
      NDManager scope, DecoderPass pass, TokenBatch batch, AnswerTargets targets) {
    targets.checkFit(batch, config.vocabSize());
    return kernel
        .answerLosses(
            scope, pass, scope.create(targets.positions()), scope.create(targets.tokens()))
        .toFloatArray();
  }

  private int layers() {
    return config.numHiddenLayers();
  }

  private void checkLength(int tokens) {
    if (tokens > contextLength()) {
      throw new ContextLengthException(tokens, contextLength());
    }
  }
}
