package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.kernel.internal.SamplingKernel;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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
    this.passes = new PassLayout(manager, kernel, config);
  }

  /**
   * Copies a checkpoint's weights into native memory.
   *
   * @param manager closed by the caller; everything of the decoder hangs below it
   * @param contextLength tokens of a sequence, at most the model's own
   */
  public static Decoder load(
      NDManager manager, Checkpoint checkpoint, WeightFormat format, int contextLength) {
    DecoderKernel kernel = DecoderKernel.load(manager, checkpoint, format);
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

  /** Whether a sequence's keys depend on its length, so that it is best run in one piece. */
  public boolean dependsOnLength() {
    return passes.dependsOnLength();
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
  public FusedLora fuse(TrainableLora parameters, List<NDArray> gating, int experts, int block) {
    return FusedLora.of(manager, kernel, parameters, gating, experts, block);
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

  /** Lays out a forward pass over whole sequences through adapters that the caller lays out. */
  public DecoderPass pass(NDManager scope, TokenBatch batch, DecoderPass.Parts parts) {
    check(batch);
    return passes.whole(scope, batch, parts);
  }

  /** Lays out a forward pass over whole sequences through one adapter. */
  public DecoderPass pass(NDManager scope, TokenBatch batch, FusedLora adapter) {
    return pass(scope, batch, AdapterParts.whole(kernel, adapter, batch.size()));
  }

  /** Lays out a forward pass over whole sequences through the base alone. */
  public DecoderPass pass(NDManager scope, TokenBatch batch) {
    return pass(scope, batch, AdapterParts.none(kernel));
  }

  private void check(TokenBatch batch) {
    checkLength(batch.longest());
    batch.check(config.vocabSize());
  }

  /**
   * Computes the logits of every token.
   *
   * @param scope owner of the result
   * @param choices one a sequence
   * @return f32 [tokens, vocabSize]
   */
  public NDArray logits(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    try (NDManager inner = scope.newSubManager()) {
      long[] all = LongStream.range(0, batch.size()).toArray();
      DecoderPass pass = pass(inner, batch, choices);
      return kernel.logits(scope, pass, kernel.nothing(), inner.create(all));
    }
  }

  /** {@link #extend(NDManager, TokenBatch, List, KeyValueCache, int[], BooleanSupplier)}. */
  public NDArray extend(
      NDManager scope,
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int[] slots) {
    return extend(scope, batch, choices, cache, slots, () -> false);
  }

  /**
   * Appends tokens to the slots of a cache, a long batch in pieces. One token for each of the first
   * slots in their order is what decoding is fastest with.
   *
   * @param scope owner of the result
   * @param choices one a sequence
   * @param slots of the cache, one a sequence
   * @param cancelled asked between pieces
   * @return logits of each sequence's last token, f32 [rows, vocabSize]
   * @throws ContextLengthException if a sequence would leave the context
   * @throws io.github.moa4j.core.model.PromptCancelledException if it was cancelled; the cache then
   *     holds a part of the tokens
   */
  public NDArray extend(
      NDManager scope,
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int[] slots,
      BooleanSupplier cancelled) {
    List<NDArray> found = new ArrayList<>();
    inPieces(
        batch,
        cache,
        slots,
        cancelled,
        (inner, spans, past) -> {
          DecoderPass pass = passes.appended(inner, batch, spans, choices, cache, slots, past);
          long[] ends = ends(batch, spans);
          if (ends.length == 0) {
            kernel.append(pass, cache.layers());
          } else {
            found.add(kernel.logits(scope, pass, cache.layers(), inner.create(ends)));
          }
        });
    return found.size() == 1 ? found.get(0) : NDArrays.concat(new NDList(found));
  }

  /** Indices in a pass of the last tokens of those sequences that end in it. */
  private static long[] ends(TokenBatch batch, List<Span> spans) {
    long[] ends = new long[spans.size()];
    int count = 0;
    long at = 0;
    for (Span span : spans) {
      at += span.length();
      if (span.end() == batch.length(span.row())) {
        ends[count++] = at - 1;
      }
    }
    return Arrays.copyOf(ends, count);
  }

  /** What is done with some tokens of a batch. */
  private interface Piece {

    /**
     * Runs a pass.
     *
     * @param scope owner of its arrays
     * @param past tokens of each sequence in the cache before the batch
     */
    void run(NDManager scope, List<Span> spans, int[] past);
  }

  private void inPieces(
      TokenBatch batch, KeyValueCache cache, int[] slots, BooleanSupplier cancelled, Piece piece) {
    cache.checkRoom(batch, slots);
    batch.check(config.vocabSize());
    int[] past = Arrays.stream(slots).map(cache::length).toArray();
    for (int row = 0; row < batch.rows(); row++) {
      checkLength(past[row] + batch.length(row));
    }
    int done = 0;
    for (List<Span> spans : Pieces.of(batch, past)) {
      Pieces.checkCancelled(cancelled, done, batch.size());
      try (NDManager scope = newScope()) {
        piece.run(scope, spans, past);
      }
      for (Span span : spans) {
        cache.advance(slots[span.row()], span.length());
        done += span.length();
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
    TokenBatch batch = TokenBatch.of(prompts);
    check(batch);
    if (Pieces.of(batch, new int[batch.rows()]).size() == 1) {
      try (NDManager scope = newScope()) {
        DecoderPass pass = pass(scope, batch, choices);
        NDArray pool = PromptPools.weights(scope, batch, Pieces.whole(batch));
        NDArray states = kernel.pooled(scope, pass, kernel.nothing(), pool, depth);
        return PromptPools.unpack(states.toFloatArray(), batch, depth + 1);
      }
    }
    try (KeyValueCache cache = KeyValueCache.of(this, batch.rows(), batch.longest(), depth)) {
      int[] slots = IntStream.range(0, batch.rows()).toArray();
      return pooled(batch, choices, cache, slots, depth, cancelled);
    }
  }

  /**
   * Runs pieces of prompts through the base alone, as far as their readings go. The keys and values
   * of the layers behind are not there then.
   *
   * @param readings one a piece; each is told what the base made of it
   * @param batch the pieces, which follow what the slots hold
   * @param slots of the cache, one a piece
   */
  public void read(
      List<PromptReading> readings, TokenBatch batch, KeyValueCache cache, int[] slots) {
    int depth = readings.stream().mapToInt(PromptReading::depth).max().orElseThrow();
    List<AdapterChoice> base = Collections.nCopies(batch.rows(), AdapterChoice.base());
    int[] written = cache.written(slots);
    inPieces(
        batch,
        cache,
        slots,
        () -> false,
        (scope, spans, past) -> {
          DecoderPass pass = passes.appended(scope, batch, spans, base, cache, slots, past);
          PromptReading.Pools pools = new PromptReading.Pools(readings, spans);
          NDArray states = kernel.pooled(scope, pass, cache.layers(), pools.weights(scope), depth);
          pools.add(states.toFloatArray());
        });
    if (depth < layers()) {
      cache.setWritten(slots, written);
    }
  }

  private List<PromptStates> pooled(
      TokenBatch batch,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int[] slots,
      int depth,
      BooleanSupplier cancelled) {
    float[] sums = new float[(depth + 1) * batch.rows() * 2 * config.hiddenSize()];
    inPieces(
        batch,
        cache,
        slots,
        cancelled,
        (scope, spans, past) -> {
          DecoderPass pass = passes.appended(scope, batch, spans, choices, cache, slots, past);
          NDArray pool = PromptPools.weights(scope, batch, spans);
          float[] states = kernel.pooled(scope, pass, cache.layers(), pool, depth).toFloatArray();
          for (int i = 0; i < sums.length; i++) {
            sums[i] += states[i];
          }
        });
    return PromptPools.unpack(sums, batch, depth + 1);
  }

  /**
   * Computes the loss of each answer token.
   *
   * @param choices one a sequence
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
