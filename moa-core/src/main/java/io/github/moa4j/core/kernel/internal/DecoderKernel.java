package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.checkpoint.RotaryFrequencies;
import io.github.moa4j.core.kernel.ComputeType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The decoder's script with a checkpoint's weights bound to it: one Java method for each of its
 * methods. {@code decoder.torchscript} states the shapes.
 *
 * <p>Any number of threads may call it at once. Arrays that a method returns belong to the scope
 * that was passed in. {@link #close()} frees the weights; no call may be running then.
 */
public final class DecoderKernel implements AutoCloseable {

  private static final ScriptSource SOURCE =
      ScriptSource.of(DecoderKernel.class, "decoder.torchscript");

  private final ComputeType computeType;
  private final Map<String, Object> attributes;
  private final NDManager manager;
  private final TorchScript script;
  private final NDList weights;

  private DecoderKernel(NDManager manager, Checkpoint checkpoint, ComputeType computeType) {
    this.computeType = computeType;
    this.manager = manager;
    this.attributes = attributes(checkpoint.config(), computeType);
    this.script = TorchScript.load(manager, SOURCE, attributes);
    this.weights = new WeightLoader(script, checkpoint, manager).load();
    bind(script);
  }

  /**
   * Copies a checkpoint's weights into native memory.
   *
   * @param parent the manager that the kernel's own manager becomes a child of
   */
  public static DecoderKernel load(
      NDManager parent, Checkpoint checkpoint, ComputeType computeType) {
    NDManager manager = parent.newSubManager();
    try {
      return new DecoderKernel(manager, checkpoint, computeType);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static Map<String, Object> attributes(ModelConfig config, ComputeType computeType) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("dtype", EngineTypes.code(computeType));
    attributes.put("hidden", (long) config.hiddenSize());
    attributes.put("depth", (long) config.numHiddenLayers());
    attributes.put("heads", (long) config.numAttentionHeads());
    attributes.put("kv_heads", (long) config.numKeyValueHeads());
    attributes.put("head_dim", (long) config.headDim());
    attributes.put("window", (long) config.slidingWindow());
    attributes.put("eps", config.rmsNormEps());
    attributes.put("rope_scale", RotaryFrequencies.of(config).attentionFactor());
    attributes.put("weights", List.of());
    return attributes;
  }

  private void bind(TorchScript module) {
    try (NDManager scope = manager.newSubManager()) {
      module.run(scope, "bind", weights);
    }
  }

  /**
   * Loads the decoder's methods with further ones beside them, over the same weights.
   *
   * @return owned by the caller, who closes it before this kernel
   */
  public TorchScript with(ScriptSource more) {
    TorchScript module = TorchScript.load(manager, SOURCE.and(more), attributes);
    bind(module);
    return module;
  }

  /** Returns the precision in which it computes. */
  public ComputeType computeType() {
    return computeType;
  }

  /** Returns the logits of every position, f32 [rows, tokens, vocabulary]. */
  public NDArray logits(NDManager scope, DecoderPass pass) {
    return run(scope, "logits", pass);
  }

  /**
   * Appends the pass's tokens to a cache.
   *
   * @param cache keys and values; see {@link #newCache}
   * @param past number of tokens a row that it holds
   * @return logits of each row's last position, f32 [rows, vocabulary]
   */
  public NDArray extend(NDManager scope, DecoderPass pass, List<NDArray> cache, long past) {
    return run(scope, "extend", pass, cache, past);
  }

  /** Appends the pass's tokens to a cache without computing logits; see {@link #extend}. */
  public void append(DecoderPass pass, List<NDArray> cache, long past) {
    try (NDManager scope = manager.newSubManager()) {
      run(scope, "append", pass, cache, past);
    }
  }

  /**
   * Pools the states that enter each layer, and the last.
   *
   * @param cache keys and values to append to; empty for none
   * @param past number of tokens a row that it holds
   * @param pool weight of each new token in each pool, f32 [rows, pools, tokens]
   * @param depth number of layers to run
   * @return f32 [depth + 1, rows, pools, hidden size]
   */
  public NDArray pooled(
      NDManager scope, DecoderPass pass, List<NDArray> cache, long past, NDArray pool, long depth) {
    return run(scope, "pooled", pass, cache, past, pool, depth);
  }

  /**
   * Lets each layer apply to each sequence the adapter that it finds most probable.
   *
   * @param pass without padding on the left and without gates
   * @param weight f32 [layers, adapters, pools · hidden size]
   * @param bias f32 [layers, adapters]
   * @param pool what is read of a sequence, f32 [rows, pools, tokens]
   * @param piece tokens a row that go through a layer at once
   * @return probabilities f32 [layers, rows, adapters]
   */
  public NDArray chosenAdapters(
      NDManager scope, DecoderPass pass, NDArray weight, NDArray bias, NDArray pool, long piece) {
    return script
        .run(
            scope,
            "chosen_adapters",
            pass.tokens(),
            pass.frequencies(),
            pass.adapters(),
            weight,
            bias,
            pool,
            piece)
        .get(0);
  }

  /**
   * Computes −log p of given tokens.
   *
   * @param positions i64 [n]: flat indices (row · tokens + index) of the token before each
   * @param targets i64 [n]
   * @return f32 [n]
   */
  public NDArray answerLosses(
      NDManager scope, DecoderPass pass, NDArray positions, NDArray targets) {
    return run(scope, "answer_losses", pass, positions, targets);
  }

  private NDArray run(NDManager scope, String method, DecoderPass pass, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                pass.tokens(),
                pass.visible(),
                pass.frequencies(),
                pass.adapters(),
                pass.gates(),
                pass.block(),
                pass.gating()));
    arguments.addAll(List.of(more));
    return script.run(scope, method, arguments.toArray()).get(0);
  }

  /** Allocates keys and values, each [layers, rows, kvHeads, capacity, headDim]. */
  public NDList newCache(NDManager scope, long layers, long rows, long capacity) {
    return script.run(scope, "new_cache", layers, rows, capacity);
  }

  /**
   * Copies the first tokens of some rows of a cache into a new one.
   *
   * @param rows i64, indices of the rows
   */
  public NDList copyCache(
      NDManager scope, List<NDArray> cache, NDArray rows, long length, long capacity) {
    return script.run(scope, "copy_cache", cache, rows, length, capacity);
  }

  /**
   * Fuses an adapter's A and B into the form that a pass applies.
   *
   * @param modules A [layers, rank, in] and B [layers, out, rank] of q, k, v, o, gate, up and down,
   *     f32; rank 0 where a map is not adapted; behind them, if an adapter has more than these, the
   *     magnitudes and the biases of B of the seven, each [layers, out] or empty
   * @return A and B of qkv, o, gate-up and down, with the scaling in B; behind them, if more was
   *     given, the 21 arrays that {@code decoder.torchscript} states
   */
  public NDList fuse(NDManager scope, List<NDArray> modules, double scaling) {
    return script.run(scope, "fuse", modules, scaling);
  }

  /** Returns the lengths of the rows of qkv, o, gate-up and down, each f32 [layers, out]. */
  public NDList rowLengths(NDManager scope) {
    return script.run(scope, "row_lengths");
  }

  /**
   * Adds biases that take the place of the base's to the 21 arrays of an adapter.
   *
   * @param biases of the seven modules, f32 [layers, out], NaN in layers without; or empty
   * @param modules A and B of the seven modules
   */
  public NDList replaceBiases(
      NDManager scope, List<NDArray> more, List<NDArray> biases, List<NDArray> modules) {
    return script.run(scope, "replaced_biases", more, biases, modules);
  }

  /**
   * Fuses what an adapter does to the embedding or to the head.
   *
   * @param given f32, empty where there is none: weight, A, B, magnitude, bias of B, rows of tokens
   * @return the same as a pass applies them, with a leading dimension of 1
   */
  public NDList fuseVocabulary(
      NDManager scope, boolean ofHead, List<NDArray> given, double scaling) {
    return script.run(scope, "fuse_vocabulary", ofHead, given, scaling);
  }

  /** Copies values in place, array by array. */
  public void assign(List<NDArray> targets, List<NDArray> sources) {
    try (NDManager scope = manager.newSubManager()) {
      script.run(scope, "assign", targets, sources);
    }
  }

  /**
   * Checks that the weights are still there.
   *
   * @throws io.github.moa4j.core.EngineClosedException if they were freed
   */
  public void requireOpen() {
    script.requireOpen();
  }

  /** Frees the weights, behind the calls that are under way. */
  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
