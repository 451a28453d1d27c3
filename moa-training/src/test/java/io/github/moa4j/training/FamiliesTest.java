package io.github.moa4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.MergedCheckpoint;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.merging.AdapterMerging;
import io.github.moa4j.training.merging.MergeMethod;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import io.github.moa4j.training.router.LayerwiseRouterTrainer;
import io.github.moa4j.training.router.PerLayerRouterTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mixture asks of a base, whatever its family. */
@ParameterizedClass
@ValueSource(
    strings = {
      "granite-multipliers",
      "smollm3-nope",
      "ministral-layertypes",
      "phi3-fused",
      "olmo2-postnorm",
      "gemma2-softcap",
      "gemma3-windows",
      "mixtral-expert-lora",
      "qwen3moe-expert-lora",
      "mixtral-parameter-lora",
      "qwen3moe-parameter-lora"
    })
final class FamiliesTest {

  private static final int LENGTH = 24;
  private static final int WORDS = 8;
  private static final int PREFIX = 10;

  private static final LayerwiseRouterSettings SETTINGS =
      LayerwiseRouterSettings.defaults().withPooling(Pooling.MEAN);

  private final String family;

  @TempDir Path folder;

  private BaseModel base;
  private Decoder decoder;

  FamiliesTest(String family) {
    this.family = family;
  }

  @BeforeEach
  void load() {
    Path golden = Path.of("../moa-core/src/test/resources/golden");
    base = BaseModel.load(golden.resolve(family), WeightFormat.F32);
    decoder = base.unwrap(Decoder.class);
  }

  @AfterEach
  void close() {
    base.close();
  }

  private LoraAdapter adapter(long seed) {
    return adapter(seed, modules());
  }

  private LoraAdapter adapter(long seed, Set<TargetModule> modules) {
    LoraConfig config = LoraConfig.of(2, 4, modules);
    LoraAdapter start = LoraInitialization.random(base.config(), config, seed);
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    start
        .tensors()
        .forEach(
            (key, tensor) -> {
              float[] values = new float[tensor.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.1 * random.nextGaussian());
              }
              tensors.put(key, HostTensor.of(values, tensor.shape()));
            });
    return LoraAdapter.ofEveryLayer(start.config(), tensors);
  }

  /** All maps; those of experts one by one, or as PEFT has them beside transformers 5. */
  private Set<TargetModule> modules() {
    Set<TargetModule> modules = EnumSet.allOf(TargetModule.class);
    if (family.contains("parameter")) {
      modules.removeIf(module -> module.isOfExperts() && !module.isOfParameter());
    }
    return modules;
  }

  /** Prompts of few words, which tell the halves apart even to a random model. */
  private List<int[]> prompts(int half, int count) {
    Random random = new Random(half);
    int first = half * base.vocabSize() / 2;
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(random.ints(LENGTH, first, first + WORDS).toArray());
    }
    return prompts;
  }

  private float[] logits(AdapterChoice choice) {
    try (NDManager scope = decoder.newScope()) {
      return decoder.logits(scope, TokenBatch.of(prompts(0, 1)), List.of(choice)).toFloatArray();
    }
  }

  private static double difference(float[] actual, float[] expected) {
    double difference = 0;
    double greatest = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
      greatest = Math.max(greatest, Math.abs(expected[i]));
    }
    return difference / greatest;
  }

  @Test
  void activatedAdaptersShareThePrefixOfTheBase() {
    int[] prompt = prompts(0, 1).get(0);
    int[] rest = Arrays.copyOfRange(prompt, PREFIX, LENGTH);
    try (AppliedLora first = base.load(adapter(1));
        AppliedLora second = base.load(adapter(2, EnumSet.allOf(TargetModule.class)));
        KeyValueCache cache = KeyValueCache.of(decoder, 3, LENGTH);
        NDManager scope = decoder.newScope()) {
      List<AdapterChoice> choices =
          List.of(
              AdapterChoice.from(first, PREFIX),
              AdapterChoice.from(second, PREFIX),
              AdapterChoice.base());
      decoder.extend(
          scope,
          TokenBatch.of(List.of(Arrays.copyOf(prompt, PREFIX))),
          List.of(AdapterChoice.base()),
          cache,
          new int[] {0});
      for (int slot = 1; slot < choices.size(); slot++) {
        cache.copyFrom(cache, 0, slot, PREFIX);
      }
      float[] found =
          decoder
              .extend(
                  scope,
                  TokenBatch.of(List.of(rest, rest, rest)),
                  choices,
                  cache,
                  new int[] {0, 1, 2})
              .toFloatArray();
      int vocabulary = base.vocabSize();
      for (int row = 0; row < choices.size(); row++) {
        float[] alone = logits(choices.get(row));
        assertThat(
                difference(
                    Arrays.copyOfRange(found, row * vocabulary, (row + 1) * vocabulary),
                    Arrays.copyOfRange(alone, (LENGTH - 1) * vocabulary, LENGTH * vocabulary)))
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void mergedAdaptersAnswerAsBothTogether() {
    LoraAdapter first = adapter(1);
    LoraAdapter second = adapter(2);
    LoraAdapter merged =
        AdapterMerging.merge(List.of(first, second), List.of(0.75, 0.5), MergeMethod.cat());
    PeftFormat.write(merged, folder);
    try (AppliedLora a = base.load(first);
        AppliedLora b = base.load(second);
        AppliedLora both = base.load(PeftFormat.read(folder))) {
      AdapterChoice apart = new AdapterChoice(List.of(a, b), List.of(0.75f, 0.5f), 0);
      assertThat(difference(logits(AdapterChoice.of(both)), logits(apart))).isLessThan(1e-4);
      assertThat(difference(logits(AdapterChoice.base()), logits(apart))).isGreaterThan(1e-2);
    }
  }

  @Test
  void aBaseWithTheAdapterInItsWeightsAnswersAsBoth() {
    LoraAdapter adapter = adapter(1);
    MergedCheckpoint.write(base.directory(), adapter, folder);
    boolean isRounded;
    try (Checkpoint merged = Checkpoint.open(folder)) {
      isRounded = merged.dataType("model.embed_tokens.weight") == DataType.BF16;
    }
    float[] expected;
    try (AppliedLora applied = base.load(adapter)) {
      expected = logits(AdapterChoice.of(applied));
    }
    base.close();
    base = BaseModel.load(folder, WeightFormat.F32);
    decoder = base.unwrap(Decoder.class);
    assertThat(difference(logits(AdapterChoice.base()), expected))
        .isLessThan(isRounded ? 3e-2 : 1e-4);
  }

  @Test
  void routersTellDomainsFromItsStates() {
    int width = base.config().hiddenSize();
    int states = base.config().numHiddenLayers() + 1;
    List<DomainStatistics> statistics = new ArrayList<>();
    for (int half = 0; half < 2; half++) {
      DomainStatistics moments =
          DomainStatistics.empty(
              "half" + half,
              Pooling.MEAN,
              DomainStatistics.evenlySpacedStates(states, width),
              width);
      moments.add(base.promptStates(prompts(half, 40).subList(0, 32)));
      statistics.add(moments);
    }
    Router ridge = RidgeRouter.fit(statistics, RidgeSettings.defaults());
    Router layerwise = new LayerwiseRouterTrainer(SETTINGS).train(statistics);
    for (Router router : List.of(ridge, layerwise)) {
      int right = 0;
      for (int half = 0; half < 2; half++) {
        for (PromptStates state : base.promptStates(prompts(half, 40).subList(32, 40))) {
          right += router.route(state).mostProbable().equals("half" + half) ? 1 : 0;
        }
      }
      assertThat(right).as(router.getClass().getSimpleName()).isGreaterThanOrEqualTo(12);
    }
  }

  @Test
  void everyLayerFollowsItsOwnRouterThroughWhatTheLayersBelowChose() {
    try (AppliedLora first = base.load(adapter(1));
        AppliedLora second = base.load(adapter(2))) {
      Map<String, AppliedLora> adapters = new LinkedHashMap<>();
      adapters.put("half0", first);
      adapters.put("half1", second);
      Map<String, List<int[]>> lessons =
          Map.of(
              "half0", prompts(0, 40).subList(0, 32),
              "half1", prompts(1, 40).subList(0, 32));
      LayerwiseRouter router =
          new PerLayerRouterTrainer(base, SETTINGS, 1).train(lessons, adapters);
      PerLayerPass pass = new PerLayerPass(base, router, adapters);
      List<int[]> unseen = prompts(0, 40).subList(32, 40);
      double[][][] layers = pass.probabilities(unseen);
      int own = router.domains().indexOf("half0");
      for (int row = 0; row < unseen.size(); row++) {
        List<int[]> prompt = List.of(unseen.get(row));
        PromptStates states = base.promptStates(prompt, List.of(pass.choice(layers[row]))).get(0);
        for (int layer = 0; layer < layers[row].length; layer++) {
          double[] again = router.probabilities(layer, states.mean()[layer]);
          assertThat(layers[row][layer][0]).isCloseTo(again[own], within(1e-3));
        }
      }
    }
  }
}
