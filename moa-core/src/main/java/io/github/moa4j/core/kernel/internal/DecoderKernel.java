package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import java.util.ArrayList;
import java.util.List;

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

  private static final int INT4_SAMPLE_COLUMNS = 32;

  private final WeightFormat format;
  private final ModelConfig config;
  private final NDManager manager;
  private final TorchScript script;
  private final NDList weights;
  private final String fingerprint;
  private final NDList constants;
  private final TensorList nothing;
  private final long half; // of the rows that int4 keeps together; 0 if their order is unknown

  private DecoderKernel(NDManager manager, Checkpoint checkpoint, WeightFormat format) {
    this.format = format;
    this.config = checkpoint.config();
    this.manager = manager;
    this.script = TorchScript.load(manager, SOURCE, DecoderAttributes.of(config, format));
    WeightLoader.Loaded loaded = WeightLoader.load(script, checkpoint, manager, format);
    this.weights = loaded.weights();
    this.fingerprint = loaded.fingerprint();
    this.constants = constants();
    this.nothing = TensorList.of(manager, List.of());
    this.half = format == WeightFormat.INT4 ? half() : 0;
    bind(script);
  }

  /**
   * Copies a checkpoint's weights into native memory.
   *
   * @param parent the manager that the kernel's own manager becomes a child of
   */
  public static DecoderKernel load(NDManager parent, Checkpoint checkpoint, WeightFormat format) {
    NDManager manager = parent.newSubManager();
    try {
      return new DecoderKernel(manager, checkpoint, format);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private NDList constants() {
    double eps = config.rmsNormEps();
    return new NDList(
        manager.create((float) Math.sqrt(eps * config.hiddenSize())),
        manager.create((float) Math.sqrt(eps * config.headDim())),
        manager.create(new int[1]));
  }

  /** Finds out in which order this processor's int4 keeps rows: i beside i + half. */
  private long half() {
    byte[] sample;
    try (NDManager scope = manager.newSubManager()) {
      sample = script.run(scope, "int4_sample").get(0).toByteArray();
    }
    int bytes = sample.length / 2;
    for (int guess : new int[] {32, 16}) {
      boolean holds = true;
      for (int i = 0; i < bytes; i++) {
        int block = i / (INT4_SAMPLE_COLUMNS * guess);
        int row = 2 * guess * block + i % guess;
        holds &= (sample[i] & 15) == (row & 15) && (sample[bytes + i] & 15) == row >> 4;
        row += guess;
        holds &= (sample[i] >> 4 & 15) == (row & 15) && (sample[bytes + i] >> 4 & 15) == row >> 4;
      }
      if (holds) {
        return guess;
      }
    }
    return 0;
  }

  private void bind(TorchScript module) {
    try (NDManager scope = manager.newSubManager()) {
      module.run(scope, "bind", weights, constants, half);
    }
  }

  /**
   * Loads the decoder's methods with further ones beside them, over the same weights.
   *
   * @return owned by the caller, who closes it before this kernel
   */
  public TorchScript with(ScriptSource more) {
    TorchScript module =
        TorchScript.load(manager, SOURCE.and(more), DecoderAttributes.of(config, format));
    bind(module);
    return module;
  }

  /** Returns how the weights are stored. */
  public WeightFormat format() {
    return format;
  }

  /** Returns the fingerprint of the base, as it was loaded. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Returns a list without a tensor, for parts that have nothing. */
  public TensorList nothing() {
    return nothing;
  }

  /**
   * Computes logits.
   *
   * @param cache of each layer, to which the pass's tokens are appended; see {@link #newCache};
   *     {@link #nothing()} for none
   * @param at indices of the tokens whose logits are wanted, i64 [n]
   * @return f32 [n, vocabulary]
   */
  public NDArray logits(NDManager scope, DecoderPass pass, TensorList cache, NDArray at) {
    return run(scope, "logits", pass, cache, at);
  }

  /** Appends the pass's tokens to a cache without computing logits. */
  public void append(DecoderPass pass, TensorList cache) {
    try (NDManager scope = manager.newSubManager()) {
      run(scope, "append", pass, cache);
    }
  }

  /**
   * Pools the states that enter each layer, and the last.
   *
   * @param cache to append to; {@link #nothing()} for none
   * @param pool weight of each new token in each pool, f32 [pools, tokens]
   * @param depth number of layers to run
   * @return f32 [depth + 1, pools, hidden size]
   */
  public NDArray pooled(
      NDManager scope, DecoderPass pass, TensorList cache, NDArray pool, long depth) {
    return run(scope, "pooled", pass, cache, pool, depth);
  }

  /**
   * Lets each layer apply to each sequence the adapter that it finds most probable.
   *
   * @param pass over whole sequences
   * @param adapters in the order of the routers' scores
   * @param weight f32 [layers, adapters, pools · hidden size]
   * @param bias f32 [layers, adapters]
   * @param pool what is read of the sequences, f32 [rows · pools, tokens]
   * @param piece tokens that go through a layer at once
   * @return probabilities f32 [layers, rows, adapters]
   */
  public NDArray chosenAdapters(
      NDManager scope,
      DecoderPass pass,
      List<TensorList> adapters,
      NDArray weight,
      NDArray bias,
      NDArray pool,
      long piece) {
    return script
        .run(
            scope,
            "chosen_adapters",
            pass.tokens(),
            pass.positions(),
            pass.sequences(),
            pass.frequencies(),
            adapters,
            weight,
            bias,
            pool,
            piece)
        .get(0);
  }

  /**
   * Computes −log p of given tokens.
   *
   * @param positions i64 [n]: index in the pass of the token before each
   * @param targets i64 [n]
   * @return f32 [n]
   */
  public NDArray answerLosses(
      NDManager scope, DecoderPass pass, NDArray positions, NDArray targets) {
    return run(scope, "answer_losses", pass, positions, targets);
  }

  private NDArray run(NDManager scope, String method, DecoderPass pass, Object... more) {
    DecoderPass.Parts parts = pass.parts();
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                pass.tokens(),
                pass.positions(),
                pass.sequences(),
                pass.longest(),
                pass.frequencies(),
                parts.adapters(),
                parts.ranges(),
                parts.gates(),
                parts.vocabulary(),
                parts.groups(),
                parts.gating()));
    arguments.addAll(List.of(more));
    return script.run(scope, method, arguments.toArray()).get(0);
  }

  /** Allocates keys and values: of each layer [2, slots, kvHeads, capacity, headDim]. */
  public TensorList newCache(NDManager owner, long layers, long slots, long capacity) {
    return TensorList.of(owner, script.run(owner, "new_cache", layers, slots, capacity));
  }

  /** Copies some tokens of a slot to a slot of another cache, or of the same. */
  public void copySlot(
      TensorList source,
      long fromSlot,
      long fromStart,
      TensorList target,
      long toSlot,
      long toStart,
      long tokens) {
    try (NDManager scope = manager.newSubManager()) {
      script.run(scope, "copy_slot", source, fromSlot, fromStart, target, toSlot, toStart, tokens);
    }
  }

  /** Sets some tokens of a slot to zero. */
  public void clear(TensorList cache, long slot, long start, long tokens) {
    try (NDManager scope = manager.newSubManager()) {
      script.run(scope, "clear", cache, slot, start, tokens);
    }
  }

  /**
   * Fuses an adapter's A and B into the form that a pass applies.
   *
   * @param modules A [layers, rank, in] and B [layers, out, rank] of q, k, v, o, gate, up and down,
   *     f32; rank 0 where a map is not adapted; where the base has experts, those of their gate, up
   *     and down, [layers · experts, ...]; behind them, if an adapter has more than these, the
   *     magnitudes and the biases of B of all, each [layers, out] or empty
   * @return A, B, factor and addition of qkv, o, gate-up and down over all layers, and of the maps
   *     of experts
   */
  public NDList fuse(NDManager scope, List<NDArray> modules, double scaling) {
    return script.run(scope, "fuse", modules, scaling);
  }

  /**
   * Returns the fused arrays layer by layer, as a pass takes them.
   *
   * @param even whether gate and up have equal ranks
   * @param evenExperts the same of experts
   */
  public NDList byLayer(NDManager scope, List<NDArray> fused, boolean even, boolean evenExperts) {
    return script.run(scope, "by_layer", fused, even, evenExperts);
  }

  /** Returns the lengths of the rows of qkv, o, gate-up and down, each f32 [layers, out]. */
  public NDList rowLengths(NDManager scope) {
    return script.run(scope, "row_lengths");
  }

  /**
   * Adds biases that take the place of the base's to the fused arrays of an adapter.
   *
   * @param biases of the seven modules, f32 [layers, out], NaN in layers without; or empty
   * @param modules A and B of the seven modules
   */
  public NDList replaceBiases(
      NDManager scope, List<NDArray> fused, List<NDArray> biases, List<NDArray> modules) {
    return script.run(scope, "replaced_biases", fused, biases, modules);
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

  /** Makes empty seats for adapters in one part, as wide as the widest of some. */
  public TensorList newSeats(NDManager owner, long seats, List<TensorList> adapters) {
    return TensorList.of(owner, script.run(owner, "new_seats", seats, adapters));
  }

  /** Copies an adapter to a seat; false if it does not fit. */
  public boolean takeSeat(TensorList seated, TensorList adapter, long seat) {
    try (NDManager scope = manager.newSubManager()) {
      return script.run(scope, "take_seat", seated, adapter, seat).get(0).getFloat() > 0;
    }
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
