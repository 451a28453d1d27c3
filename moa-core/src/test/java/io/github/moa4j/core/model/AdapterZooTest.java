package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.MergedCheckpoint;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapters of many kinds that PEFT 0.21 wrote for tiny random bases, a Llama with a head of its own
 * and a Qwen2 with biases and tied embeddings, against the logits that PEFT gives with them.
 */
@ParameterizedClass
@ValueSource(strings = {"llama", "qwen2"})
final class AdapterZooTest {

  private static final double TOLERANCE = 1e-4;
  private static final int ROWS = 2;

  /** Tensors beside the logits of the adapters. */
  private static final Set<String> OTHERS = Set.of("input_ids", "base");

  /** What is refused, and by which word. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "pissa", "init_lora_weights",
          "olora", "init_lora_weights",
          "layer-replication", "layer_replication",
          "save-norm", "norm in modules_to_save",
          "save-mlp-map", "up_proj in modules_to_save");

  /** What no weights of that base can stand for. */
  private static final Map<String, Set<String>> NOT_MERGED =
      Map.of(
          "llama",
          Set.of(
              "alora",
              "alora-bias",
              "alora-head",
              "embedding-dora",
              "everything",
              "head-bias",
              "head-dora",
              "lora-bias"),
          "qwen2",
          Set.of(
              "alora",
              "embedding",
              "embedding-other-base",
              "everything",
              "head",
              "head-embedding-tied",
              "head-other-base",
              "head-tokens",
              "lora-bias",
              "save-bias",
              "save-both",
              "save-embedding",
              "save-embedding-saved-layers",
              "save-head",
              "save-tied",
              "tokens-dict",
              "tokens-head",
              "tokens-list",
              "tokens-saved-layers",
              "tokens-tied"));

  @TempDir private Path folder;
  private final String base;
  private final Path zoo;
  private final BaseModel model;

  AdapterZooTest(String base) {
    this.base = base;
    this.zoo = TestModels.resource("/zoo/" + base);
    this.model = BaseModel.load(zoo.resolve("base"), WeightFormat.F32);
  }

  @AfterEach
  void close() {
    model.close();
  }

  private List<String> kinds() {
    try (SafetensorsFile file = SafetensorsFile.open(zoo.resolve("logits.safetensors"))) {
      return file.names().stream().filter(name -> !OTHERS.contains(name)).sorted().toList();
    }
  }

  private List<String> served() {
    return kinds().stream().filter(kind -> !REFUSED.containsKey(kind)).toList();
  }

  private LoraAdapter read(String kind) {
    return PeftFormat.read(zoo.resolve(kind));
  }

  private List<int[]> sequences() {
    try (SafetensorsFile file = SafetensorsFile.open(zoo.resolve("logits.safetensors"))) {
      int[] ids =
          LongStream.of(file.tensor("input_ids").toLongArray())
              .mapToInt(Math::toIntExact)
              .toArray();
      int length = ids.length / ROWS;
      return List.of(Arrays.copyOf(ids, length), Arrays.copyOfRange(ids, length, 2 * length));
    }
  }

  private float[] expected(String kind) {
    try (SafetensorsFile file = SafetensorsFile.open(zoo.resolve("logits.safetensors"))) {
      return file.tensor(kind).toFloatArray();
    }
  }

  private static List<AdapterChoice> choices(
      LoraAdapter stored, AppliedLora applied, List<int[]> sequences) {
    return sequences.stream()
        .map(
            sequence ->
                AdapterChoice.from(
                    applied, stored.config().activationPosition(sequence).orElseThrow()))
        .toList();
  }

  private float[] logits(List<int[]> sequences, List<AdapterChoice> choices) {
    try (NDManager scope = Runs.decoder(model).newScope()) {
      return Runs.decoder(model).logits(scope, TokenBatch.of(sequences), choices).toFloatArray();
    }
  }

  private double difference(LoraAdapter stored, String kind) {
    try (AppliedLora applied = model.load(stored)) {
      return Differences.max(
          logits(sequences(), choices(stored, applied, sequences())), expected(kind));
    }
  }

  @Test
  void givesTheLogitsOfPeft() {
    List<String> wrong = new ArrayList<>();
    for (String kind : served()) {
      double difference = difference(read(kind), kind);
      if (!(difference <= TOLERANCE)) {
        wrong.add(kind + ": " + difference);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void refusesByNameWhatItCannotServe() {
    for (String kind : kinds()) {
      if (REFUSED.containsKey(kind)) {
        assertThatThrownBy(() -> read(kind))
            .as(kind)
            .isInstanceOf(AdapterException.class)
            .hasMessageContaining(REFUSED.get(kind));
      }
    }
  }

  @Test
  void givesTheSameLogitsAfterWriting() {
    List<String> wrong = new ArrayList<>();
    for (String kind : served()) {
      PeftFormat.write(read(kind), folder.resolve(kind), "base");
      double difference = difference(PeftFormat.read(folder.resolve(kind)), kind);
      if (!(difference <= TOLERANCE)) {
        wrong.add(kind + ": " + difference);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void givesTheSameLogitsMergedIntoTheBase() {
    List<String> wrong = new ArrayList<>();
    for (String kind : served()) {
      LoraAdapter stored = read(kind);
      Path merged = folder.resolve("merged-" + kind);
      if (!NOT_MERGED.get(base).contains(kind)) {
        MergedCheckpoint.write(zoo.resolve("base"), stored, merged);
        try (BaseModel alone = BaseModel.load(merged, WeightFormat.F32);
            NDManager scope = Runs.decoder(alone).newScope()) {
          float[] found =
              Runs.decoder(alone)
                  .logits(scope, TokenBatch.of(sequences()), Runs.all(ROWS, AdapterChoice.base()))
                  .toFloatArray();
          double difference = Differences.max(found, expected(kind));
          if (!(difference <= TOLERANCE)) {
            wrong.add(kind + ": " + difference);
          }
        }
      } else {
        assertThatThrownBy(() -> MergedCheckpoint.write(zoo.resolve("base"), stored, merged))
            .as(kind)
            .isInstanceOf(AdapterException.class)
            .hasMessageContaining("beside the base");
        assertThat(merged).doesNotExist();
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** One batch in which every row has another adapter, or none. */
  @Test
  void givesTheSameLogitsSideBySide() {
    List<String> kinds = served();
    List<AppliedLora> applied = new ArrayList<>();
    try {
      List<int[]> sequences = new ArrayList<>(List.of(sequences().get(0)));
      List<AdapterChoice> choices = new ArrayList<>(List.of(AdapterChoice.base()));
      for (String kind : kinds) {
        LoraAdapter stored = read(kind);
        applied.add(model.load(stored));
        sequences.add(sequences().get(0));
        choices.addAll(
            choices(stored, applied.get(applied.size() - 1), List.of(sequences().get(0))));
      }
      float[] found = logits(sequences, choices);
      int row = expected("base").length / ROWS;
      for (int i = 0; i < sequences.size(); i++) {
        String kind = i == 0 ? "base" : kinds.get(i - 1);
        assertThat(
                Differences.max(
                    Arrays.copyOfRange(found, i * row, (i + 1) * row),
                    Arrays.copyOf(expected(kind), row)))
            .as(kind)
            .isLessThanOrEqualTo(TOLERANCE);
      }
    } finally {
      applied.forEach(AppliedLora::close);
    }
  }

  /** Token by token over a cache, as generation does it. */
  @Test
  void givesTheSameLogitsStepByStep() {
    List<int[]> whole = sequences();
    int length = whole.get(0).length;
    TokenBatch start =
        TokenBatch.of(List.of(Arrays.copyOf(whole.get(0), 9), Arrays.copyOf(whole.get(1), 9)));
    for (String kind : served()) {
      LoraAdapter stored = read(kind);
      try (AppliedLora applied = model.load(stored);
          KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), ROWS, length)) {
        List<AdapterChoice> choices = choices(stored, applied, whole);
        Runs.extend(model, start, choices, cache);
        for (int at = 9; at < length; at++) {
          TokenBatch next =
              TokenBatch.of(List.of(new int[] {whole.get(0)[at]}, new int[] {whole.get(1)[at]}));
          float[] found = Runs.extend(model, next, choices, cache);
          int vocabulary = found.length / ROWS;
          float[] all = expected(kind);
          for (int row = 0; row < ROWS; row++) {
            int from = (row * length + at) * vocabulary;
            assertThat(
                    Differences.max(
                        Arrays.copyOfRange(found, row * vocabulary, (row + 1) * vocabulary),
                        Arrays.copyOfRange(all, from, from + vocabulary)))
                .as(kind + " at " + at)
                .isLessThanOrEqualTo(TOLERANCE);
          }
        }
      }
    }
  }

  /** Rows of one batch under different adapters, which come and go while the batch runs. */
  @Test
  void givesTheSameLogitsStepByStepBesideAnotherAdapter() {
    List<int[]> whole = sequences();
    int length = whole.get(0).length;
    TokenBatch start =
        TokenBatch.of(List.of(Arrays.copyOf(whole.get(0), 9), Arrays.copyOf(whole.get(1), 9)));
    List<String> kinds = served();
    try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), ROWS, length)) {
      for (int i = 0; i < kinds.size(); i++) {
        List<String> pair = List.of(kinds.get(i), kinds.get((i + 1) % kinds.size()));
        LoraAdapter first = read(pair.get(0));
        LoraAdapter second = read(pair.get(1));
        try (AppliedLora one = model.load(first);
            AppliedLora other = model.load(second)) {
          List<AdapterChoice> choices =
              List.of(choices(first, one, whole).get(0), choices(second, other, whole).get(1));
          cache.truncate(0, 0);
          cache.truncate(1, 0);
          Runs.extend(model, start, choices, cache);
          for (int at = 9; at < length; at++) {
            TokenBatch next =
                TokenBatch.of(List.of(new int[] {whole.get(0)[at]}, new int[] {whole.get(1)[at]}));
            float[] found = Runs.extend(model, next, choices, cache);
            int vocabulary = found.length / ROWS;
            for (int row = 0; row < ROWS; row++) {
              int from = (row * length + at) * vocabulary;
              assertThat(
                      Differences.max(
                          Arrays.copyOfRange(found, row * vocabulary, (row + 1) * vocabulary),
                          Arrays.copyOfRange(expected(pair.get(row)), from, from + vocabulary)))
                  .as("%s at %d", pair, at)
                  .isLessThanOrEqualTo(TOLERANCE);
            }
          }
        }
      }
    }
  }

  @Test
  void countsTheMemoryOfReplacedModules() {
    long table = 4L * model.config().vocabSize() * model.config().hiddenSize();
    try (AppliedLora factors = model.load(read("plain"));
        AppliedLora both = model.load(read("save-both"))) {
      assertThat(both.sizeInBytes()).isEqualTo(factors.sizeInBytes() + 2 * table);
    }
    try (AppliedLora head = model.load(read("head"))) { // its file holds the base's own head too
      assertThat(head.sizeInBytes()).isLessThan(table);
    }
  }

  /** The embedding and the head belong to no layer. */
  @Test
  void refusesToChooseReplacedModulesLayerByLayer() {
    List<Float> shares = Collections.nCopies(model.config().numHiddenLayers(), 1f);
    try (AppliedLora dora = model.load(read("dora"));
        AppliedLora head = model.load(read("save-head"))) {
      assertThat(logits(sequences(), Runs.all(ROWS, new AdapterChoice(List.of(dora), shares, 0))))
          .isNotEmpty();
      AdapterChoice perLayer = new AdapterChoice(List.of(head), shares, 0);
      assertThatThrownBy(() -> logits(sequences(), Runs.all(ROWS, perLayer)))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("layer by layer");
    }
  }

  @Test
  void mixesHalfOfOneAdapterWithHalfOfAnother() {
    try (AppliedLora plain = model.load(read("plain"));
        AppliedLora dora = model.load(read("save-both"))) {
      AdapterChoice half = new AdapterChoice(List.of(plain, dora), List.of(0.5f, 0.5f), 0);
      AdapterChoice swapped = new AdapterChoice(List.of(dora, plain), List.of(0.5f, 0.5f), 0);
      assertThat(
              Differences.max(
                  logits(sequences(), Runs.all(ROWS, half)),
                  logits(sequences(), Runs.all(ROWS, swapped))))
          .isLessThanOrEqualTo(TOLERANCE);
    }
  }

  @Test
  void agreesInBf16WithinItsPrecision() {
    try (BaseModel low = BaseModel.load(zoo.resolve("base"), WeightFormat.BF16);
        NDManager scope = Runs.decoder(low).newScope()) {
      for (String kind : List.of("dora", "lora-bias", "save-both", "embedding", "tokens-list")) {
        LoraAdapter stored = read(kind);
        try (AppliedLora applied = low.load(stored)) {
          float[] found =
              Runs.decoder(low)
                  .logits(scope, TokenBatch.of(sequences()), choices(stored, applied, sequences()))
                  .toFloatArray();
          float[] expected = expected(kind);
          double largest = Differences.max(expected, new float[expected.length]);
          assertThat(Differences.max(found, expected)).as(kind).isLessThan(0.06 * largest);
        }
      }
    }
  }

  /** The losses take their rows out of a batch, of which each may have another head. */
  @Test
  void measuresLossesUnderTheHeadOfEachRow() {
    List<int[]> sequences = sequences();
    int length = sequences.get(0).length;
    int vocabulary = model.config().vocabSize();
    long[] positions = {2, 5, length + 1, length + 10};
    long[] tokens = {3, 9, 5, 60};
    for (String kind : List.of("save-both", "head", "tokens-dict", "dora", "alora")) {
      LoraAdapter stored = read(kind);
      try (AppliedLora applied = model.load(stored)) {
        List<AdapterChoice> choices =
            List.of(AdapterChoice.base(), choices(stored, applied, sequences).get(1));
        float[] found =
            Runs.decoder(model)
                .answerLosses(
                    TokenBatch.of(sequences), choices, new AnswerTargets(positions, tokens));
        for (int i = 0; i < tokens.length; i++) {
          float[] logits = expected(i < 2 ? "base" : kind);
          int from = (int) positions[i] * vocabulary;
          double sum = 0;
          for (int token = 0; token < vocabulary; token++) {
            sum += Math.exp(logits[from + token]);
          }
          assertThat((double) found[i])
              .as(kind)
              .isCloseTo(Math.log(sum) - logits[from + (int) tokens[i]], within(1e-3));
        }
      }
    }
  }
}
