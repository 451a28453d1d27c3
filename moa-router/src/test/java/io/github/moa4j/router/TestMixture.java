package io.github.moa4j.router;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A mixture on a tiny random base whose router tells lists of colours from lists of numbers. The
 * answers are noise, and every adapter makes another noise.
 */
public final class TestMixture {

  static final int HIDDEN = 32;
  static final int CONTEXT = 96;

  /** Of a base whose answers take seconds. */
  static final int LONG_CONTEXT = 20_000;

  private static final int LAYERS = 2;
  private static final int VOCABULARY = 4096;
  private static final Path TOKENIZER = Path.of("../moa-core/src/test/resources/base-tokenizer");
  private static final Map<String, List<String>> WORDS =
      Map.of(
          "colours", List.of("red", "green", "blue", "yellow", "white", "black"),
          "numbers", List.of("one", "two", "three", "four", "five", "six"));

  private static volatile int endless = -1; // the seed of a question that has no end

  final Path base;

  /** The mixture. */
  public final MixtureDirectory directory;

  private final String fingerprint;
  private final LoraAdapter untrained;
  private final Map<String, List<PromptStates>> states = new LinkedHashMap<>();

  private TestMixture(Path folder, int context) {
    base = writeBase(folder.resolve("base"), HIDDEN, context);
    try (TextTokenizer tokenizer = TextTokenizer.open(base);
        BaseModel model = BaseModel.load(base, WeightFormat.F32)) {
      fingerprint = model.fingerprint();
      untrained = untrained(model);
      ChatTemplate template = ChatTemplate.read(base);
      for (String domain : List.of("colours", "numbers")) {
        List<int[]> prompts =
            IntStream.range(0, 24)
                .mapToObj(i -> template.render(List.of(ChatMessage.user(prompt(domain, i))), true))
                .map(tokenizer::encode)
                .toList();
        states.put(domain, model.promptStates(prompts));
      }
    }
    directory = MixtureDirectory.create(folder.resolve("mixture"), fingerprint, base.toString());
    directory.commit(
        change -> {
          change.addDomain("colours", adapter(1));
          change.addDomain("numbers", adapter(2));
          change.setRouter(router("colours", "numbers"));
        });
  }

  /** Writes the base and the mixture into a folder. */
  public static TestMixture in(Path folder) {
    return new TestMixture(folder, CONTEXT);
  }

  /** Writes the base with a context of so many tokens, and the mixture. */
  static TestMixture in(Path folder, int context) {
    return new TestMixture(folder, context);
  }

  /** A prompt of a domain, {@code colours} or {@code numbers}. */
  static String prompt(String domain, int seed) {
    List<String> words = WORDS.get(domain);
    Random random = new Random(seed);
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      drawn.add(words.get(random.nextInt(words.size())));
    }
    return String.join(" ", drawn);
  }

  /**
   * Finds a question whose answer goes on for as long as it may: a random model comes upon a token
   * that ends its answer by chance, or goes round in circles, which it surely does after so many.
   */
  static Question withoutEnd(MixtureOfLoras mixture) {
    if (endless < 0) { // all mixtures of long contexts are alike
      endless =
          IntStream.range(0, 40)
              .filter(
                  seed ->
                      mixture
                              .generate(endless(seed).with(GenerationOptions.greedy(3000)))
                              .generation()
                              .stopReason()
                          == StopReason.MAX_NEW_TOKENS)
              .findFirst()
              .orElseThrow();
    }
    return endless(endless).with(GenerationOptions.greedy(LONG_CONTEXT - 1000));
  }

  private static Question endless(int seed) {
    return Question.of(prompt(seed % 2 == 0 ? "colours" : "numbers", seed));
  }

  /** Writes a mixture of one domain, colours, that has no router. */
  MixtureDirectory withoutRouter(Path folder) {
    MixtureDirectory bare = MixtureDirectory.create(folder, fingerprint);
    bare.addDomain("colours", adapter(1));
    return bare;
  }

  /** Writes a random adapter. */
  Consumer<Path> adapter(long seed) {
    return folder -> PeftFormat.write(random(untrained, seed), folder);
  }

  /** Writes a random adapter of the head alone, as PEFT does. */
  Consumer<Path> adapterOfTheHead() {
    return folder -> {
      Random random = new Random(1);
      String prefix = "base_model.model.lm_head.";
      SafetensorsWriter.write(
          folder.resolve("adapter_model.safetensors"),
          Map.of(
              prefix + "lora_A.weight", random(random, 1, 2, HIDDEN),
              prefix + "lora_B.weight", random(random, 1, VOCABULARY, 2)),
          Map.of("format", "pt"));
      try {
        Files.writeString(
            folder.resolve("adapter_config.json"),
            """
            {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["lm_head"],
             "bias": "none", "task_type": "CAUSAL_LM"}
            """);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Writes a random adapter of another base. */
  static Consumer<Path> adapterOf(Path otherBase, long seed) {
    return folder -> {
      try (BaseModel model = BaseModel.load(otherBase, WeightFormat.F32)) {
        PeftFormat.write(random(untrained(model), seed), folder);
      }
    };
  }

  private static LoraAdapter untrained(BaseModel model) {
    LoraConfig lora = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));
    return LoraInitialization.random(model.config(), lora, 1);
  }

  private static LoraAdapter random(LoraAdapter shapes, long seed) {
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    shapes
        .tensors()
        .forEach((name, tensor) -> tensors.put(name, random(random, 0.3, tensor.shape())));
    return LoraAdapter.of(shapes.config(), tensors);
  }

  /** Writes routers that know some of the domains, good for either mode. */
  Consumer<Path> router(String... domains) {
    return router(RoutingMode.PER_LAYER, domains);
  }

  /** Writes routers that know some of the domains and say what they were trained for. */
  Consumer<Path> router(RoutingMode trainedFor, String... domains) {
    return folder ->
        new StoredRouters(
                nearestCentroid(List.of(domains)).withTrainedFor(trainedFor), ridge(domains))
            .write(folder, fingerprint);
  }

  /** Fits a ridge router that knows some of the domains. */
  public RidgeRouter ridge(String... domains) {
    List<DomainStatistics> statistics = new ArrayList<>();
    for (String domain : domains) {
      DomainStatistics moments =
          DomainStatistics.empty(
              domain,
              Pooling.MEAN,
              DomainStatistics.evenlySpacedStates(LAYERS + 1, HIDDEN),
              HIDDEN);
      moments.add(states.get(domain));
      statistics.add(moments);
    }
    return RidgeRouter.fit(statistics, RidgeSettings.defaults());
  }

  /** Scores −|h − centroid|², but for what all domains share. */
  private LayerwiseRouter nearestCentroid(List<String> domains) {
    List<StateClassifier> layers = new ArrayList<>();
    for (int state = 0; state <= LAYERS; state++) {
      float[] weights = new float[domains.size() * HIDDEN];
      float[] bias = new float[domains.size()];
      for (int domain = 0; domain < domains.size(); domain++) {
        List<PromptStates> prompts = states.get(domains.get(domain));
        for (int i = 0; i < HIDDEN; i++) {
          double centre = 0;
          for (PromptStates prompt : prompts) {
            centre += prompt.mean()[state][i] / prompts.size();
          }
          weights[domain * HIDDEN + i] = (float) (2 * centre);
          bias[domain] -= (float) (centre * centre);
        }
      }
      layers.add(new StateClassifier(state, HIDDEN, weights, bias));
    }
    return LayerwiseRouter.of(domains, Pooling.MEAN, layers);
  }

  /** Writes a random checkpoint with a real tokenizer. */
  static Path writeBase(Path directory, int hidden) {
    return writeBase(directory, hidden, CONTEXT);
  }

  private static Path writeBase(Path directory, int hidden, int context) {
    Random random = new Random(hidden);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", random(random, 1, VOCABULARY, hidden));
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".";
      tensors.put(prefix + "input_layernorm.weight", random(random, 1, hidden));
      tensors.put(prefix + "post_attention_layernorm.weight", random(random, 1, hidden));
      tensors.put(prefix + "self_attn.q_proj.weight", random(random, 0.2, hidden, hidden));
      tensors.put(prefix + "self_attn.k_proj.weight", random(random, 0.2, hidden / 2, hidden));
      tensors.put(prefix + "self_attn.v_proj.weight", random(random, 0.2, hidden / 2, hidden));
      tensors.put(prefix + "self_attn.o_proj.weight", random(random, 0.2, hidden, hidden));
      tensors.put(prefix + "mlp.gate_proj.weight", random(random, 0.2, 2L * hidden, hidden));
      tensors.put(prefix + "mlp.up_proj.weight", random(random, 0.2, 2L * hidden, hidden));
      tensors.put(prefix + "mlp.down_proj.weight", random(random, 0.2, hidden, 2L * hidden));
    }
    tensors.put("model.norm.weight", random(random, 1, hidden));
    tensors.put("lm_head.weight", random(random, 1, VOCABULARY, hidden));
    String config =
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": 4, "num_key_value_heads": 2,
         "intermediate_size": %d, "vocab_size": %d, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
         "tie_word_embeddings": false, "hidden_act": "silu", "max_position_embeddings": %d,
         "attention_bias": false, "mlp_bias": false, "torch_dtype": "float32", "eos_token_id": 0}
        """
            .formatted(hidden, LAYERS, 2 * hidden, VOCABULARY, context);
    try {
      Files.createDirectories(directory);
      for (String name :
          List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
        Files.copy(TOKENIZER.resolve(name), directory.resolve(name));
      }
      Files.writeString(directory.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    return directory;
  }

  private static HostTensor random(Random random, double deviation, long... shape) {
    int size = 1;
    for (long length : shape) {
      size *= Math.toIntExact(length);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return HostTensor.of(values, shape);
  }
}
