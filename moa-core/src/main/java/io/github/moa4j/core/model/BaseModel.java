package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.kernel.PyTorchEngine;
import io.github.moa4j.core.kernel.TorchScript;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.LoraWeights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A frozen decoder with its weights in native memory. Nothing in this class changes them.
 *
 * <p>Any number of threads may call it at once. Arrays that a method returns belong to the scope
 * that was passed in. {@link #close()} frees the weights; no call may be running then.
 */
public final class BaseModel implements AutoCloseable {

  private final Path directory;
  private final ModelConfig config;
  private final ComputeType computeType;
  private final NDManager manager;
  private final TorchScript kernel;
  private volatile String fingerprint;

  private BaseModel(
      Path directory, ModelConfig config, ComputeType computeType, NDManager manager) {
    this.directory = directory;
    this.config = config;
    this.computeType = computeType;
    this.manager = manager;
    this.kernel =
        TorchScript.load(
            manager, BaseModel.class, "decoder.torchscript", attributes(config, computeType));
  }

  /**
   * Opens a Hugging Face directory.
   *
   * @param directory holds {@code config.json} and {@code model.safetensors} or shards
   * @param computeType the precision to compute in, whatever the checkpoint stores
   * @throws io.github.moa4j.core.checkpoint.CheckpointException if a file is missing or damaged, or
   *     the architecture is not supported; nothing has been loaded then
   */
  public static BaseModel load(Path directory, ComputeType computeType) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      NDManager manager = PyTorchEngine.newManager();
      try {
        BaseModel model = new BaseModel(directory, checkpoint.config(), computeType, manager);
        model.bind(checkpoint);
        return model;
      } catch (RuntimeException e) {
        manager.close();
        throw e;
      }
    }
  }

  private void bind(Checkpoint checkpoint) {
    try (NDManager scope = manager.newSubManager()) {
      NDList weights = new WeightLoader(kernel, checkpoint, scope).load();
      kernel.run(scope, "bind", weights);
    }
  }

  private static Map<String, Object> attributes(ModelConfig config, ComputeType computeType) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("dtype", computeType.code());
    attributes.put("hidden", (long) config.hiddenSize());
    attributes.put("depth", (long) config.numHiddenLayers());
    attributes.put("heads", (long) config.numAttentionHeads());
    attributes.put("kv_heads", (long) config.numKeyValueHeads());
    attributes.put("head_dim", (long) config.headDim());
    attributes.put("ffn", (long) config.intermediateSize());
    attributes.put("window", (long) config.slidingWindow());
    attributes.put("eps", config.rmsNormEps());
    attributes.put("qkv_bias", config.attentionBias());
    attributes.put("o_bias", config.outputBias());
    attributes.put("mlp_bias", config.mlpBias());
    attributes.put("qk_norm", config.queryKeyNorm());
    attributes.put("weights", List.of());
    return attributes;
  }

  /** Returns the shape of the model. */
  public ModelConfig config() {
    return config;
  }

  /** Returns the number of tokens that fit the context. */
  public int contextLength() {
    return config.maxPositionEmbeddings();
  }

  /** Returns the number of token ids, and so of logits. */
  public int vocabSize() {
    return config.vocabSize();
  }

  /** Returns the directory the model was loaded from. */
  public Path directory() {
    return directory;
  }

  /** Returns the precision the model computes in. */
  public ComputeType computeType() {
    return computeType;
  }

  /**
   * Returns the base fingerprint: a hash over architecture, shapes and values rounded to bf16,
   * equal for any storage of the same weights. The first call reads the checkpoint once more.
   */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      try (Checkpoint checkpoint = Checkpoint.open(directory)) {
        known = checkpoint.fingerprint();
      }
      fingerprint = known;
    }
    return known;
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
  public LoraWeights load(LoraAdapter adapter) {
    try (LoraParameters parameters = LoraParameters.of(manager, config, adapter)) {
      return fuse(parameters);
    }
  }

  /** Creates the parameters of a new adapter; the caller closes them. */
  public LoraParameters newAdapter(LoraConfig lora, long seed) {
    return LoraParameters.initialize(manager, config, lora, seed);
  }

  /** Copies an adapter into trainable form; the caller closes it. */
  public LoraParameters trainable(LoraAdapter adapter) {
    return LoraParameters.of(manager, config, adapter);
  }

  /** Makes an adapter of the present values of trainable parameters; the caller closes it. */
  public LoraWeights fuse(LoraParameters parameters) {
    return parameters.fuse(manager, kernel, computeType.bytes());
  }

  /**
   * Computes the logits of every position.
   *
   * @param scope owner of the result
   * @param choices one a row
   * @return f32 [rows, length, vocabSize]; rows of padding hold no meaning
   */
  public NDArray logits(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    checkLength(batch.length());
    try (NDManager inner = scope.newSubManager()) {
      AdapterPlan plan =
          AdapterPlan.of(
              inner, choices, batch.padding(), 0, batch.length(), config.numHiddenLayers());
      return kernel
          .run(
              scope,
              "logits",
              batch.toArray(inner, config.vocabSize()),
              KeyValueCache.visible(inner, batch.padding(), batch.length()),
              plan.adapters(),
              plan.gates(),
              plan.gating())
          .get(0);
    }
  }

  /**
   * Computes the logits of tokens that follow others, without changing those: the functional form
   * of {@link #extend}, which copies all keys and values at every call.
   *
   * @param scope owner of the result
   * @param batch the new tokens
   * @param padding number of padding tokens on the left of each row, counted over past and new
   * @param past nothing, or key and value [rows, kvHeads, past, headDim] of each layer
   * @return logits f32 [rows, length, vocabSize], then key and value of each layer
   */
  NDList logitsAndCache(
      NDManager scope,
      TokenBatch batch,
      int[] padding,
      List<AdapterChoice> choices,
      List<NDArray> past) {
    int before = past.isEmpty() ? 0 : Math.toIntExact(past.get(0).getShape().get(2));
    int length = before + batch.length();
    checkLength(length - Arrays.stream(padding).min().orElse(0));
    try (NDManager inner = scope.newSubManager()) {
      AdapterPlan plan =
          AdapterPlan.of(inner, choices, padding, before, batch.length(), config.numHiddenLayers());
      return kernel.run(
          scope,
          "logits_and_cache",
          batch.toArray(inner, config.vocabSize()),
          KeyValueCache.visible(inner, padding, length),
          plan.adapters(),
          plan.gates(),
          plan.gating(),
          past);
    }
  }

  /**
   * Appends tokens to a cache.
   *
   * @param scope owner of the result
   * @param batch as many rows as the cache has; only the first batch of a cache may be padded
   * @param choices one a row
   * @return logits of each row's last position, f32 [rows, vocabSize]
   * @throws ContextLengthException if every row would leave the model's context
   */
  public NDArray extend(
      NDManager scope, TokenBatch batch, List<AdapterChoice> choices, KeyValueCache cache) {
    int past = cache.length();
    if (batch.rows() != cache.rows() || past + batch.length() > cache.capacity()) {
      throw new IllegalArgumentException(
          "A cache of %d rows and %d free tokens cannot take %d rows of %d tokens"
              .formatted(cache.rows(), cache.capacity() - past, batch.rows(), batch.length()));
    }
    if (past > 0 && batch.hasPadding()) {
      throw new IllegalArgumentException("Only the first batch of a cache may be padded");
    }
    // Rows that have ended may idle beyond the context, but not all rows at once.
    checkLength(past + batch.length() - Arrays.stream(cache.padding()).max().orElse(0));
    try (NDManager inner = scope.newSubManager()) {
      AdapterPlan plan =
          AdapterPlan.of(
              inner, choices, cache.padding(), past, batch.length(), config.numHiddenLayers());
      NDArray logits =
          kernel
              .run(
                  scope,
                  "extend",
                  batch.toArray(inner, config.vocabSize()),
                  cache.visible(),
                  plan.adapters(),
                  plan.gates(),
                  plan.gating(),
                  cache.arrays(),
                  (long) past)
              .get(0);
      cache.advance(batch.length());
      return logits;
    }
  }

  /**
   * Computes what a router sees of each prompt, in one pass over the batch.
   *
   * @param prompts token ids, one array a prompt
   * @param choices one a prompt; the base alone where the router is to see the base's own states
   */
  public List<PromptStates> promptStates(List<int[]> prompts, List<AdapterChoice> choices) {
    return promptStates(prompts, choices, config.numHiddenLayers());
  }

  /**
   * Computes the first states only, in a pass that ends early.
   *
   * @param depth number of layers to run, from 0 to all; the result has one state more
   */
  public List<PromptStates> promptStates(List<int[]> prompts, int depth) {
    if (depth < 0 || depth > config.numHiddenLayers()) {
      throw new IllegalArgumentException(
          "A pass runs 0 to %d layers, not %d".formatted(config.numHiddenLayers(), depth));
    }
    return promptStates(prompts, Collections.nCopies(prompts.size(), AdapterChoice.base()), depth);
  }

  private List<PromptStates> promptStates(
      List<int[]> prompts, List<AdapterChoice> choices, int depth) {
    TokenBatch batch = TokenBatch.leftPadded(prompts);
    checkLength(batch.length());
    try (NDManager scope = newScope()) {
      AdapterPlan plan =
          AdapterPlan.of(
              scope, choices, batch.padding(), 0, batch.length(), config.numHiddenLayers());
      NDArray states =
          kernel
              .run(
                  scope,
                  "pooled",
                  batch.toArray(scope, config.vocabSize()),
                  KeyValueCache.visible(scope, batch.padding(), batch.length()),
                  plan.adapters(),
                  plan.gates(),
                  plan.gating(),
                  PromptPools.weights(scope, batch),
                  (long) depth)
              .get(0);
      return PromptPools.unpack(states.toFloatArray(), batch.rows(), depth + 1);
    }
  }

  /** {@link #promptStates(List, List)} of the base's own pass. */
  public List<PromptStates> promptStates(List<int[]> prompts) {
    return promptStates(prompts, Collections.nCopies(prompts.size(), AdapterChoice.base()));
  }

  /**
   * Runs a prompt through the base once, for a router and for what is generated after it.
   *
   * @param prompt token ids
   * @return owns native memory; the caller closes it
   */
  public PrefilledPrompt prefill(int[] prompt) {
    TokenBatch batch = TokenBatch.leftPadded(List.of(prompt));
    checkLength(batch.length());
    KeyValueCache cache = KeyValueCache.of(this, batch, batch.length());
    try (NDManager scope = newScope()) {
      NDArray states =
          kernel
              .run(
                  scope,
                  "pooled_prefill",
                  batch.toArray(scope, config.vocabSize()),
                  cache.visible(),
                  cache.arrays(),
                  PromptPools.weights(scope, batch))
              .get(0);
      cache.advance(batch.length());
      int count = config.numHiddenLayers() + 1;
      return new PrefilledPrompt(
          prompt, PromptPools.unpack(states.toFloatArray(), 1, count).get(0), cache);
    } catch (RuntimeException e) {
      cache.close();
      throw e;
    }
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
    check(batch, targets);
    try (NDManager scope = newScope()) {
      AdapterPlan plan =
          AdapterPlan.of(
              scope, choices, batch.padding(), 0, batch.length(), config.numHiddenLayers());
      return kernel
          .run(
              scope,
              "answer_losses",
              batch.toArray(scope, config.vocabSize()),
              plan.adapters(),
              plan.gates(),
              plan.gating(),
              scope.create(targets.positions()),
              scope.create(targets.tokens()))
          .get(0)
          .toFloatArray();
    }
  }

  /**
   * Computes the gradient of a batch's loss by an adapter's parameters. Neither the base nor the
   * parameters carry gradient state, before or after.
   *
   * @param scope owner of the result
   * @param batch right-padded
   * @param targets the answer tokens; the loss is their sum times {@code weight}
   * @param fromPositions per row the first token under the adapter; all 0 for whole sequences
   * @param weight of one answer token, usually 1 / their number in the optimiser step
   * @param dropout probability of LoRA dropout (on the adapter's input)
   * @param seed of the dropout masks
   * @return the sum of −log p over the answer tokens (without {@code weight}), then the gradient of
   *     each array of {@code parameters}, in their order
   */
  public NDList gradients(
      NDManager scope,
      LoraParameters parameters,
      TokenBatch batch,
      AnswerTargets targets,
      int[] fromPositions,
      double weight,
      double dropout,
      long seed) {
    check(batch, targets);
    try (NDManager inner = scope.newSubManager()) {
      return kernel.runWithAutograd(
          scope,
          "gradients",
          batch.toArray(inner, config.vocabSize()),
          inner.create(targets.positions()),
          inner.create(targets.tokens()),
          parameters.arrays(),
          gate(inner, batch, fromPositions),
          inner.create(new double[] {weight, dropout, parameters.config().scaling()}),
          inner.create(seed));
    }
  }

  private static NDArray gate(NDManager scope, TokenBatch batch, int[] fromPositions) {
    if (fromPositions.length != batch.rows()) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs as many positions to start from, not %d"
              .formatted(batch.rows(), fromPositions.length));
    }
    float[] gate = new float[batch.rows() * batch.length()];
    boolean whole = true;
    for (int row = 0; row < batch.rows(); row++) {
      whole &= fromPositions[row] == 0;
      for (int token = fromPositions[row]; token < batch.length(); token++) {
        gate[row * batch.length() + token] = 1;
      }
    }
    return whole
        ? scope.create(new float[0])
        : scope.create(gate, new Shape(1, (long) batch.rows() * batch.length(), 1));
  }

  /** Copies values in place, array by array. */
  void assign(List<NDArray> targets, List<NDArray> sources) {
    try (NDManager scope = newScope()) {
      kernel.run(scope, "assign", targets, sources);
    }
  }

  /** Checks that a batch fits the context and that its targets lie in it. */
  void check(TokenBatch batch, AnswerTargets targets) {
    checkLength(batch.length());
    targets.checkFit(batch, config.vocabSize());
  }

  TorchScript kernel() {
    return kernel;
  }

  private void checkLength(int tokens) {
    if (tokens > config.maxPositionEmbeddings()) {
      throw new ContextLengthException(tokens, config.maxPositionEmbeddings());
    }
  }

  /** Frees the weights. */
  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
