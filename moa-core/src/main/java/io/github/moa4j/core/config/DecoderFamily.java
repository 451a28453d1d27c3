package io.github.moa4j.core.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A family of decoders as data: what the keys of a {@code config.json} mean in it, and what a
 * missing one means. The values are those of Hugging Face's configuration classes.
 *
 * @param modelType the {@code model_type}
 * @param biases which linear maps carry a bias
 * @param queryKeyNorm whether every head's queries and keys pass a norm
 * @param design what its parts compute
 * @param window which layers look back through a sliding window
 * @param traits what else sets it apart
 * @param sizes what stands for missing sizes
 * @param experts what stands for missing sizes of experts, where it has {@link Trait#EXPERTS}
 */
record DecoderFamily(
    String modelType,
    Biases biases,
    boolean queryKeyNorm,
    DecoderDesign design,
    Window window,
    Set<Trait> traits,
    Sizes sizes,
    ExpertDefaults experts) {

  private static final int DERIVED = Sizes.DERIVED;

  private static final List<DecoderFamily> ALL =
      List.of(
          new DecoderFamily(
              "llama",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.BY_KEY),
              false,
              DecoderDesign.LLAMA,
              Window.NONE,
              Set.of(),
              new Sizes(
                  32_000, 4_096, 11_008, 32, 32, DERIVED, DERIVED, 2_048, 1e4, 1e-6, 0, DERIVED)),
          new DecoderFamily(
              "mistral",
              new Biases(Bias.NEVER, Bias.NEVER, Bias.NEVER),
              false,
              DecoderDesign.LLAMA,
              Window.EVERY_LAYER,
              Set.of(Trait.ONE_WINDOW),
              new Sizes(
                  32_000, 4_096, 14_336, 32, 32, 8, DERIVED, 131_072, 1e4, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "qwen2",
              new Biases(Bias.ALWAYS, Bias.NEVER, Bias.NEVER),
              false,
              DecoderDesign.LLAMA,
              Window.UPPER_LAYERS,
              Set.of(),
              new Sizes(
                  151_936, 4_096, 22_016, 32, 32, 32, DERIVED, 32_768, 1e4, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "qwen3",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.NEVER),
              true,
              DecoderDesign.LLAMA,
              Window.UPPER_LAYERS,
              Set.of(),
              new Sizes(
                  151_936, 4_096, 22_016, 32, 32, 32, 128, 32_768, 1e4, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "ministral",
              new Biases(Bias.NEVER, Bias.NEVER, Bias.NEVER),
              false,
              DecoderDesign.LLAMA,
              Window.EVERY_LAYER,
              Set.of(),
              new Sizes(
                  32_000, 4_096, 14_336, 32, 32, 8, DERIVED, 131_072, 1e4, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "smollm3",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.BY_KEY),
              false,
              DecoderDesign.LLAMA,
              Window.LAYERS_WITHOUT_ROPE,
              Set.of(Trait.TIED, Trait.LAYERS_WITHOUT_ROPE),
              new Sizes(128_256, 2_048, 11_008, 36, 16, 4, DERIVED, 32_768, 2e6, 1e-6, 0, DERIVED)),
          new DecoderFamily(
              "granite",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.BY_KEY),
              false,
              DecoderDesign.LLAMA,
              Window.NONE,
              Set.of(Trait.MULTIPLIERS),
              new Sizes(
                  32_000, 4_096, 11_008, 32, 32, DERIVED, DERIVED, 2_048, 1e4, 1e-6, 0, DERIVED)),
          new DecoderFamily(
              "phi3",
              new Biases(Bias.NEVER, Bias.NEVER, Bias.NEVER),
              false,
              DecoderDesign.PHI3,
              Window.EVERY_LAYER,
              Set.of(Trait.ONE_WINDOW),
              new Sizes(
                  32_064, 3_072, 8_192, 32, 32, DERIVED, DERIVED, 4_096, 1e4, 1e-5, 0, 4_096)),
          new DecoderFamily(
              "olmo2",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.NEVER),
              true,
              DecoderDesign.OLMO2,
              Window.NONE,
              Set.of(),
              new Sizes(
                  50_304, 4_096, 11_008, 32, 32, DERIVED, DERIVED, 2_048, 1e4, 1e-5, 0, DERIVED)),
          new DecoderFamily(
              "gemma2",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.NEVER),
              false,
              DecoderDesign.GEMMA2,
              Window.EVEN_LAYERS,
              Set.of(
                  Trait.TIED,
                  Trait.ROOT_MULTIPLIERS,
                  Trait.SCORE_CAP,
                  Trait.LOGIT_CAP,
                  Trait.HIDDEN_ACTIVATION),
              new Sizes(256_000, 2_304, 9_216, 26, 8, 4, 256, 8_192, 1e4, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "gemma3_text",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.NEVER),
              true,
              DecoderDesign.GEMMA3,
              Window.ALL_BUT_EVERY_NTH,
              Set.of(
                  Trait.TIED,
                  Trait.ROOT_MULTIPLIERS,
                  Trait.LOGIT_CAP,
                  Trait.HIDDEN_ACTIVATION,
                  Trait.WINDOW_ROPE),
              new Sizes(262_208, 2_304, 9_216, 26, 8, 4, 256, 131_072, 1e6, 1e-6, 4_096, DERIVED)),
          new DecoderFamily(
              "mixtral",
              new Biases(Bias.NEVER, Bias.NEVER, Bias.NEVER),
              false,
              DecoderDesign.LLAMA,
              Window.EVERY_LAYER,
              Set.of(Trait.ONE_WINDOW, Trait.EXPERTS),
              new Sizes(32_000, 4_096, 14_336, 32, 32, 8, DERIVED, 131_072, 1e6, 1e-5, 0, DERIVED),
              new ExpertDefaults(
                  8,
                  2,
                  DERIVED,
                  new Experts.Names(
                      "block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2"))),
          new DecoderFamily(
              "qwen3_moe",
              new Biases(Bias.BY_KEY, Bias.BY_KEY, Bias.NEVER),
              true,
              DecoderDesign.LLAMA,
              Window.EVERY_LAYER_IF_ON,
              Set.of(Trait.ONE_WINDOW, Trait.EXPERTS, Trait.DENSE_LAYERS),
              new Sizes(
                  151_936, 2_048, 6_144, 24, 32, 4, DERIVED, 32_768, 1e4, 1e-6, 4_096, DERIVED),
              new ExpertDefaults(
                  128,
                  8,
                  768,
                  new Experts.Names(
                      "mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"))));

  /** Returns the family of a {@code model_type}, if it is supported. */
  static Optional<DecoderFamily> of(String modelType) {
    return ALL.stream().filter(family -> family.modelType.equals(modelType)).findFirst();
  }

  /** Returns every {@code model_type} that is supported. */
  static List<String> modelTypes() {
    return ALL.stream().map(DecoderFamily::modelType).toList();
  }

  /**
   * Tells whether an entry of {@code architectures} is this family's: its language model, or the
   * part of it below the output projection. Old files spell one of them LLaMA.
   */
  boolean isArchitecture(String name) {
    String whole = modelType.replace("_", "");
    return name.equalsIgnoreCase(whole + "ForCausalLM")
        || name.equalsIgnoreCase(modelType.replace("_text", "") + "ForCausalLM")
        || name.equalsIgnoreCase(whole + "Model");
  }

  /** Whether linear maps carry a bias. */
  enum Bias {
    NEVER,
    ALWAYS,
    /** Where {@code attention_bias}, or {@code mlp_bias}, is true. */
    BY_KEY
  }

  /**
   * The biases of a layer.
   *
   * @param attention of queries, keys and values
   * @param output of the attention's output
   * @param mlp of gate, up and down
   */
  record Biases(Bias attention, Bias output, Bias mlp) {}

  /** Which layers look back through a sliding window. */
  enum Window {
    NONE,
    /** All, unless {@code sliding_window} is null. */
    EVERY_LAYER,
    /** All, if switched on. */
    EVERY_LAYER_IF_ON,
    /** Those from {@code max_window_layers} on, or as {@code layer_types} says, if switched on. */
    UPPER_LAYERS,
    /** Those whose queries and keys are not turned, if switched on. */
    LAYERS_WITHOUT_ROPE,
    /** Every second from the first on, or as {@code layer_types} says. */
    EVEN_LAYERS,
    /** All but every {@code sliding_window_pattern}-th, or as {@code layer_types} says. */
    ALL_BUT_EVERY_NTH
  }

  /** What sets a family apart from others. */
  enum Trait {
    /** Embedding and output projection are one unless the file says otherwise. */
    TIED,
    /** Embeddings, scores, residuals and logits are multiplied. */
    MULTIPLIERS,
    /** {@code layer_types} does not choose who has the window. */
    ONE_WINDOW,
    /** Some layers do not turn queries and keys. */
    LAYERS_WITHOUT_ROPE,
    /** Embeddings grow by the root of their size, scores shrink by a root of their own. */
    ROOT_MULTIPLIERS,
    /** Scores may be bounded. */
    SCORE_CAP,
    /** Logits may be bounded; a key for scores is passed over unless they may too. */
    LOGIT_CAP,
    /** The activation has that key. */
    HIDDEN_ACTIVATION,
    /** Layers with a window turn by frequencies of their own. */
    WINDOW_ROPE,
    /** Layers have experts. */
    EXPERTS,
    /** Some of them do not; experts have a width of their own, their shares need not add up. */
    DENSE_LAYERS
  }

  /**
   * What stands for missing keys of experts.
   *
   * @param count experts of a layer
   * @param perToken how many of them a token takes
   * @param intermediateSize width of one; derived: that of the layer
   * @param names what a checkpoint calls them
   */
  record ExpertDefaults(int count, int perToken, int intermediateSize, Experts.Names names) {

    static final ExpertDefaults NONE = new ExpertDefaults(0, 0, 0, Experts.NONE.names());
  }

  /** A family without experts. */
  private DecoderFamily(
      String modelType,
      Biases biases,
      boolean queryKeyNorm,
      DecoderDesign design,
      Window window,
      Set<Trait> traits,
      Sizes sizes) {
    this(modelType, biases, queryKeyNorm, design, window, traits, sizes, ExpertDefaults.NONE);
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /**
   * Sizes; {@link #DERIVED} where one it follows from others.
   *
   * @param numKeyValueHeads derived: as many as query heads
   * @param headDim derived: the hidden size divided by the heads
   * @param slidingWindow 0 for none
   * @param originalMaxPositionEmbeddings derived: {@code max_position_embeddings}
   */
  record Sizes(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int numHiddenLayers,
      int numAttentionHeads,
      int numKeyValueHeads,
      int headDim,
      int maxPositionEmbeddings,
      double ropeTheta,
      double rmsNormEps,
      int slidingWindow,
      int originalMaxPositionEmbeddings) {

    static final int DERIVED = 0;
  }
}
