package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In packed bf16 a row's logits are the same bit for bit, whatever shares its batch. The engine's
 * products have that property on processors that compute in bf16; elsewhere nothing is promised.
 */
final class BatchInvarianceTest {

  private static final int VOCAB = 512;
  private static final int STEPS = 4;
  private static final int CAPACITY = 390;

  /** Lengths on both sides of the blocks in which keys are read, and a prompt of one token. */
  private static final int[] LENGTHS = {5, 12, 1, 37, 64, 64, 189, 382, 9};

  @TempDir Path folder;

  @BeforeAll
  static void requireBf16Products() throws IOException {
    Path processor = Path.of("/proc/cpuinfo");
    assumeTrue(
        Files.isReadable(processor) && Files.readString(processor).contains("avx512_bf16"),
        "the processor does not compute in bf16");
  }

  private BaseModel model(String more) {
    SampleCheckpoints.writeRandom(
        folder,
        """
        {"model_type": "mistral", "hidden_size": 192, "num_hidden_layers": 3,
         "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 384,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": false, "max_position_embeddings": 1024%s}
        """
            .formatted(VOCAB, more),
        5);
    return BaseModel.load(folder, WeightFormat.BF16);
  }

  private static AppliedLora adapter(BaseModel model, long seed) {
    LoraConfig config = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));
    return model.load(
        TestModels.randomized(LoraInitialization.random(model.config(), config, seed), seed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"sliding_window\": 48"})
  void rowsOfTheBaseAreAsAlone(String more) {
    try (BaseModel model = model(more)) {
      assertRowsAreAsAlone(model, Runs.all(LENGTHS.length, AdapterChoice.base()));
    }
  }

  @Test
  void rowsOfOneAdapterAreAsAlone() {
    try (BaseModel model = model("");
        AppliedLora adapter = adapter(model, 1)) {
      assertRowsAreAsAlone(model, Runs.all(LENGTHS.length, AdapterChoice.of(adapter)));
    }
  }

  @Test
  void rowsOfManyAdaptersAreAsAlone() {
    try (BaseModel model = model("");
        AppliedLora first = adapter(model, 1);
        AppliedLora second = adapter(model, 2);
        AppliedLora third = adapter(model, 3)) {
      List<AdapterChoice> choices = new ArrayList<>();
      List<AdapterChoice> of =
          List.of(
              AdapterChoice.of(first),
              AdapterChoice.of(second),
              AdapterChoice.base(),
              AdapterChoice.of(first),
              AdapterChoice.of(third));
      for (int row = 0; row < LENGTHS.length; row++) {
        choices.add(of.get(row % of.size()));
      }
      assertRowsAreAsAlone(model, choices);
    }
  }

  private static void assertRowsAreAsAlone(BaseModel model, List<AdapterChoice> choices) {
    Random random = new Random(3);
    int rows = LENGTHS.length;
    List<List<int[]>> inputs = new ArrayList<>(); // of each pass one array a row
    inputs.add(Arrays.stream(LENGTHS).mapToObj(n -> random.ints(n, 0, VOCAB).toArray()).toList());
    for (int step = 0; step < STEPS; step++) {
      inputs.add(
          IntStream.range(0, rows).mapToObj(i -> random.ints(1, 0, VOCAB).toArray()).toList());
    }
    List<float[]> together = new ArrayList<>();
    try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), rows, CAPACITY)) {
      inputs.forEach(
          input -> together.add(Runs.extend(model, TokenBatch.of(input), choices, cache)));
    }
    for (int row = 0; row < rows; row++) {
      try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 1, CAPACITY)) {
        for (int pass = 0; pass < inputs.size(); pass++) {
          float[] alone =
              Runs.extend(
                  model,
                  TokenBatch.of(List.of(inputs.get(pass).get(row))),
                  List.of(choices.get(row)),
                  cache);
          assertSame("row %d, pass %d".formatted(row, pass), together.get(pass), row, alone);
        }
      }
    }
  }

  private static void assertSame(String what, float[] together, int row, float[] alone) {
    float[] own = Runs.position(together, row, VOCAB);
    assertThat(Arrays.equals(own, alone)).as(what).isTrue();
  }

  /** One token more than a piece leaves a single one, which no cut may do. */
  @ParameterizedTest
  @ValueSource(strings = {"", ", \"sliding_window\": 48", ", \"sliding_window\": 600"})
  void aPromptInPiecesIsAsInOne(String more) {
    try (BaseModel model = model(more);
        AppliedLora adapter = adapter(model, 1)) {
      int[] prompt = new Random(6).ints(777, 0, VOCAB).toArray();
      for (AdapterChoice choice : List.of(AdapterChoice.base(), AdapterChoice.of(adapter))) {
        float[] whole = inPieces(model, choice, prompt, new int[0]);
        for (int[] cuts :
            List.of(
                new int[] {2},
                new int[] {128, 256, 384, 512, 640, 768},
                new int[] {7, 100, 231, 355, 519, 775})) {
          float[] found = inPieces(model, choice, prompt, cuts);
          assertThat(Arrays.equals(found, whole)).as(Arrays.toString(cuts)).isTrue();
        }
      }
    }
  }

  /** Logits behind a prompt and behind a token more. */
  private static float[] inPieces(BaseModel model, AdapterChoice choice, int[] prompt, int[] cuts) {
    try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 1, 800)) {
      int from = 0;
      for (int cut : cuts) {
        extend(model, choice, Arrays.copyOfRange(prompt, from, cut), cache);
        from = cut;
      }
      float[] last = extend(model, choice, Arrays.copyOfRange(prompt, from, 777), cache);
      float[] next = extend(model, choice, new int[] {7}, cache);
      float[] both = Arrays.copyOf(last, 2 * VOCAB);
      System.arraycopy(next, 0, both, VOCAB, VOCAB);
      return both;
    }
  }

  private static float[] extend(
      BaseModel model, AdapterChoice choice, int[] tokens, KeyValueCache cache) {
    return Runs.extend(model, TokenBatch.of(List.of(tokens)), List.of(choice), cache);
  }

  @Test
  void rowsBesideThePromptOfAnotherAreAsAlone() {
    try (BaseModel model = model("");
        AppliedLora adapter = adapter(model, 1);
        KeyValueCache together = KeyValueCache.of(Runs.decoder(model), 2, CAPACITY);
        KeyValueCache alone = KeyValueCache.of(Runs.decoder(model), 1, CAPACITY)) {
      AdapterChoice choice = AdapterChoice.of(adapter);
      int[] prompt = new Random(4).ints(20, 0, VOCAB).toArray();
      int[] other = new Random(5).ints(77, 0, VOCAB).toArray();
      TokenBatch first = TokenBatch.of(List.of(prompt));
      TokenBatch next = TokenBatch.of(List.of(new int[] {7}));
      Runs.extend(model, first, List.of(choice), together);
      Runs.extend(model, first, List.of(choice), alone);

      TokenBatch both = TokenBatch.of(List.of(new int[] {7}, other));
      float[] beside = Runs.extend(model, both, List.of(choice, AdapterChoice.base()), together);

      assertSame("beside", beside, 0, Runs.extend(model, next, List.of(choice), alone));
    }
  }
}
