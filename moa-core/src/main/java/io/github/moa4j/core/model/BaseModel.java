package io.github.moa4j.core.model;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.kernel.internal.PyTorchEngine;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.internal.Decoder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A frozen base model with its weights in native memory. Nothing changes them.
 *
 * <p>Any number of threads may call it at once. {@link #close()} frees the weights; no call may be
 * running then.
 */
public final class BaseModel implements AutoCloseable {

  private final Path directory;
  private final WeightFormat weightFormat;
  private final NDManager manager;
  private final Decoder decoder;

  private BaseModel(Path directory, WeightFormat format, NDManager manager, Decoder decoder) {
    this.directory = directory;
    this.weightFormat = format;
    this.manager = manager;
    this.decoder = decoder;
  }

  /**
   * Opens a Hugging Face directory.
   *
   * @param directory holds {@code config.json} and {@code model.safetensors} or shards
   * @param format how the weights lie in memory, whatever the checkpoint stores
   * @throws io.github.moa4j.core.CheckpointException if a file is missing or damaged, or the
   *     architecture is not supported; nothing has been loaded then
   */
  public static BaseModel load(Path directory, WeightFormat format) {
    return load(directory, format, Integer.MAX_VALUE);
  }

  /**
   * Opens a Hugging Face directory for sequences shorter than the model allows: a sequence takes
   * memory for the keys and values of all its tokens.
   *
   * @param contextLength tokens of a sequence, prompt and answer; the model's own limit holds too
   * @throws IllegalArgumentException if it is not positive
   */
  public static BaseModel load(Path directory, WeightFormat format, int contextLength) {
    if (contextLength < 1) {
      throw new IllegalArgumentException("contextLength must be at least 1: " + contextLength);
    }
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      NDManager manager = PyTorchEngine.newManager();
      try {
        Decoder decoder =
            Decoder.load(
                manager,
                checkpoint,
                format,
                Math.min(contextLength, checkpoint.config().contextLength()));
        PyTorchEngine.giveFreedMemoryBack();
        return new BaseModel(directory, format, manager, decoder);
      } catch (RuntimeException e) {
        manager.close();
        PyTorchEngine.giveFreedMemoryBack();
        throw e;
      }
    }
  }

  /** Returns the shape of the model. */
  public ModelConfig config() {
    return decoder.config();
  }

  /**
   * Returns the number of tokens that fit the context: the model's, or the cap it was loaded with.
   */
  public int contextLength() {
    return decoder.contextLength();
  }

  /** Returns the number of token ids, and so of logits. */
  public int vocabSize() {
    return config().vocabSize();
  }

  /** Returns the directory the model was loaded from. */
  public Path directory() {
    return directory;
  }

  /** Returns how the weights lie in memory. */
  public WeightFormat weightFormat() {
    return weightFormat;
  }

  /**
   * Returns the base fingerprint: a hash over architecture, shapes and values rounded to bf16,
   * equal for any storage of the same weights. It was computed while they were loaded.
   */
  public String fingerprint() {
    return decoder.kernel().fingerprint();
  }

  /** Returns the bytes of native memory that {@link #load(LoraAdapter)} takes at most. */
  public long sizeInBytes(LoraAdapter adapter) {
    return FusedLora.sizeInBytes(config(), adapter);
  }

  /**
   * Brings an adapter into native memory; the caller closes it.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if it does not fit this model
   */
  public AppliedLora load(LoraAdapter adapter) {
    return decoder.load(adapter);
  }

  /**
   * Computes what a router sees of each prompt, in one pass over the batch.
   *
   * @param prompts token ids, one array a prompt
   * @param choices one a prompt; the base alone where the router is to see the base's own states
   */
  public List<PromptStates> promptStates(List<int[]> prompts, List<AdapterChoice> choices) {
    return decoder.promptStates(prompts, choices, config().numHiddenLayers(), () -> false);
  }

  /**
   * Computes the first states of the base's own pass only, in a pass that ends early.
   *
   * @param depth number of layers to run, from 0 to all; the result has one state more
   */
  public List<PromptStates> promptStates(List<int[]> prompts, int depth) {
    return promptStates(prompts, depth, () -> false);
  }

  /**
   * {@link #promptStates(List, int)} that can be cancelled.
   *
   * @param cancelled asked between the pieces that long prompts are run in
   * @throws PromptCancelledException if it said yes, or the thread was interrupted
   */
  public List<PromptStates> promptStates(
      List<int[]> prompts, int depth, BooleanSupplier cancelled) {
    return decoder.promptStates(
        prompts, Collections.nCopies(prompts.size(), AdapterChoice.base()), depth, cancelled);
  }

  /** {@link #promptStates(List, List)} of the base's own pass. */
  public List<PromptStates> promptStates(List<int[]> prompts) {
    return promptStates(prompts, config().numHiddenLayers());
  }

  /**
   * Gives out what lies beneath: the {@link Decoder}, for the other rooms of the library. Its types
   * change without notice.
   *
   * @throws IllegalArgumentException if there is nothing of that type
   */
  public <T> T unwrap(Class<T> type) {
    if (type.isInstance(decoder)) {
      return type.cast(decoder);
    }
    throw new IllegalArgumentException("A base model holds no " + type.getName());
  }

  /** Frees the weights, and gives native memory that is free back to the system. */
  @Override
  public void close() {
    decoder.sampling().close();
    decoder.kernel().close();
    manager.close();
    PyTorchEngine.giveFreedMemoryBack();
  }
}
