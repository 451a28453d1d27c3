package io.github.moa4j.core.model.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.kernel.internal.TensorList;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptCancelledException;
import io.github.moa4j.core.model.PromptStates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt of any length is run in pieces that mean what the whole means. */
final class LongPromptTest {

  private static final int VOCAB = 64;

  @TempDir Path folder;

  private BaseModel model(int layers, int window, int positions) {
    SampleCheckpoints.writeRandom(
        folder,
        """
        {"model_type": "mistral", "hidden_size": 32, "num_hidden_layers": %d,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": false, "max_position_embeddings": %d, "sliding_window": %s}
        """
            .formatted(layers, VOCAB, positions, window == 0 ? "null" : "" + window),
        11);
    return BaseModel.load(folder, WeightFormat.F32);
  }

  /** Many rows make pieces short: these go in three. */
  private static List<int[]> prompts() {
    return IntStream.range(0, 16).mapToObj(row -> prompt(600 - 35 * row, row)).toList();
  }

  private static int[] prompt(int length, long seed) {
    return new Random(seed).ints(length, 0, VOCAB).toArray();
  }

  @ParameterizedTest
  @CsvSource({"0, F32, 1e-5", "100, F32, 1e-5", "500, F32, 1e-5", "100, BF16, 3e-2"})
  void piecesGiveTheLogitsOfTheWhole(int window, WeightFormat type, double tolerance) {
    model(2, window, 8192).close();
    try (BaseModel model = BaseModel.load(folder, type);
        AppliedLora adapter = model.load(TestModels.randomAdapter(model, 1));
        NDManager scope = model.unwrap(Decoder.class).newScope()) {
      Decoder decoder = model.unwrap(Decoder.class);
      List<int[]> prompts = prompts();
      TokenBatch batch = TokenBatch.of(prompts);
      int[] slots = IntStream.range(0, prompts.size()).toArray();
      assertThat(Pieces.of(batch, new int[prompts.size()])).hasSizeGreaterThan(3);
      List<AdapterChoice> choices =
          prompts.stream().map(prompt -> AdapterChoice.from(adapter, prompt.length / 3)).toList();
      float[] whole = decoder.logits(scope, batch, choices).toFloatArray();
      try (KeyValueCache cache = KeyValueCache.of(decoder, prompts.size(), batch.longest() + 1)) {
        float[] found = decoder.extend(scope, batch, choices, cache, slots).toFloatArray();
        for (int row = 0; row < prompts.size(); row++) {
          int end = batch.offsets()[row + 1] * VOCAB;
          assertThat(
                  Differences.relative(
                      Arrays.copyOfRange(found, row * VOCAB, (row + 1) * VOCAB),
                      Arrays.copyOfRange(whole, end - VOCAB, end)))
              .as("row %d", row)
              .isLessThanOrEqualTo(tolerance);
        }
        assertThat(cache.length(0)).isEqualTo(batch.length(0));
        assertThat(decoder.extend(scope, oneEach(prompts), choices, cache, slots).toFloatArray())
            .doesNotContain(Float.NaN);
      }
    }
  }

  private static TokenBatch oneEach(List<int[]> prompts) {
    return TokenBatch.of(prompts.stream().map(prompt -> new int[] {5}).toList());
  }

  @Test
  void piecesGiveTheStatesOfTheWhole() {
    try (BaseModel model = model(2, 100, 8192);
        NDManager scope = model.unwrap(Decoder.class).newScope()) {
      Decoder decoder = model.unwrap(Decoder.class);
      List<int[]> prompts = prompts();
      TokenBatch batch = TokenBatch.of(prompts);
      List<AdapterChoice> base = Collections.nCopies(prompts.size(), AdapterChoice.base());
      for (int depth = 0; depth <= 2; depth++) {
        NDArray pool = PromptPools.weights(scope, batch, Pieces.whole(batch));
        NDArray states =
            decoder
                .kernel()
                .pooled(
                    scope,
                    decoder.pass(scope, batch, base),
                    decoder.kernel().nothing(),
                    pool,
                    depth);
        List<PromptStates> whole = PromptPools.unpack(states.toFloatArray(), batch, depth + 1);
        List<PromptStates> found = model.promptStates(prompts, depth);
        for (int row = 0; row < prompts.size(); row++) {
          assertClose(found.get(row), whole.get(row));
        }
      }
    }
  }

  @Test
  void oneLongPromptIsReadAsItsLastPiecesAre() {
    int[] prompt = prompt(4500, 1);
    try (BaseModel model = model(1, 100, 8192)) {
      PromptStates states = model.promptStates(List.of(prompt)).get(0);
      for (int depth = 0; depth <= 1; depth++) {
        assertClose(read(model.unwrap(Decoder.class), prompt, depth), states);
      }
      // One layer sees one window back, and rotary positions are relative.
      int[] end = Arrays.copyOfRange(prompt, 4400, 4500);
      assertThat(
              Differences.relative(
                  states.last()[1], model.promptStates(List.of(end)).get(0).last()[1]))
          .isLessThanOrEqualTo(1e-4);
    }
  }

  /** Reads a prompt in pieces of many sizes, beside another one. */
  private static PromptStates read(Decoder decoder, int[] prompt, int depth) {
    PromptReading reading = new PromptReading(decoder, prompt, depth, 64);
    try (KeyValueCache cache = KeyValueCache.of(decoder, 2, prompt.length)) {
      for (int from = 0; from < prompt.length; from += 777) {
        PromptReading other = new PromptReading(decoder, prompt(50, from), depth, 64);
        int[] piece = Arrays.copyOfRange(prompt, from, Math.min(prompt.length, from + 777));
        cache.truncate(0, 0);
        decoder.read(
            List.of(other, reading),
            TokenBatch.of(List.of(prompt(50, from), piece)),
            cache,
            new int[] {0, 1});
      }
      assertThat(cache.length(1)).isEqualTo(prompt.length);
      assertThat(reading.states().tokens()).containsExactly(prompt);
      return reading.states();
    }
  }

  private static void assertClose(PromptStates found, PromptStates expected) {
    for (int state = 0; state < found.numStates(); state++) {
      assertThat(Differences.relative(found.mean()[state], expected.mean()[state]))
          .isLessThanOrEqualTo(1e-5);
      assertThat(Differences.relative(found.last()[state], expected.last()[state]))
          .isLessThanOrEqualTo(1e-5);
    }
  }

  @Test
  void layersChooseInPiecesAsTheyDoInTheWhole() {
    try (BaseModel model = model(2, 700, 8192);
        AppliedLora first = model.load(TestModels.randomAdapter(model, 1));
        AppliedLora second = model.load(TestModels.randomAdapter(model, 2));
        NDManager scope = model.unwrap(Decoder.class).newScope()) {
      Decoder decoder = model.unwrap(Decoder.class);
      HostTensor weight = SampleCheckpoints.random(new Random(5), new long[] {2, 2, 32});
      HostTensor bias = SampleCheckpoints.random(new Random(6), new long[] {2, 2});
      List<int[]> prompts = prompts();
      int[] lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
      List<AppliedLora> adapters = List.of(first, second);
      double[][][] pieces = LayerChoices.of(decoder, prompts, adapters, weight, bias, Pooling.LAST);
      TokenBatch batch = TokenBatch.of(prompts);
      List<TensorList> fused =
          List.of(FusedLora.of(first).tensors(), FusedLora.of(second).tensors());
      float[] whole =
          decoder
              .kernel()
              .chosenAdapters(
                  scope,
                  decoder.pass(scope, batch),
                  fused,
                  scope.create(weight.toFloatArray(), new Shape(2, 2, 32)),
                  scope.create(bias.toFloatArray(), new Shape(2, 2)),
                  PromptPools.weights(scope, Pooling.LAST, batch, lengths),
                  batch.size())
              .toFloatArray();
      double[][][] expected = LayerChoices.unpack(whole, prompts.size(), 2);
      for (int row = 0; row < prompts.size(); row++) {
        for (int layer = 0; layer < 2; layer++) {
          assertThat(pieces[row][layer][0]).isCloseTo(expected[row][layer][0], within(1e-5));
        }
      }
    }
  }

  @Test
  void nativeMemoryDoesNotGrowWithTheSquareOfAPrompt() throws IOException {
    try (BaseModel model = model(1, 0, 16_384)) {
      Decoder decoder = model.unwrap(Decoder.class);
      TokenBatch batch = TokenBatch.of(List.of(prompt(10_000, 1), prompt(3, 2)));
      List<AdapterChoice> base = List.of(AdapterChoice.base(), AdapterChoice.base());
      long before = resetPeak();
      try (NDManager scope = decoder.newScope();
          KeyValueCache cache = KeyValueCache.of(decoder, 2, batch.longest())) {
        decoder.extend(scope, batch, base, cache, new int[] {0, 1});
      }
      // A mask of the whole would take a gigabyte, scores as much a head.
      assertThat(peak() - before).isLessThan(300L << 20);
    }
  }

  @Test
  void aMillionPositionsCostNothing() throws IOException {
    float[] small;
    int[] prompt = prompt(40, 1);
    try (BaseModel model = model(1, 0, 64)) {
      small = model.promptStates(List.of(prompt)).get(0).last()[1];
    }
    long before = resetPeak();
    try (BaseModel model = model(1, 0, 1_024_000)) {
      assertThat(model.contextLength()).isEqualTo(1_024_000);
      assertThat(model.promptStates(List.of(prompt)).get(0).last()[1]).containsExactly(small);
    }
    assertThat(peak() - before).isLessThan(100L << 20);
  }

  /** Lets the process's peak of resident memory start anew, where the system can; returns it. */
  private static long resetPeak() throws IOException {
    Path reset = Path.of("/proc/self/clear_refs");
    assumeTrue(Files.isWritable(reset));
    Files.writeString(reset, "5");
    return peak();
  }

  private static long peak() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("No peak in /proc/self/status");
  }

  @Test
  void aLongPromptIsGivenUpBetweenPieces() {
    try (BaseModel model = model(1, 0, 16_384)) {
      int[] prompt = prompt(4500, 1);
      assertThatThrownBy(() -> model.promptStates(List.of(prompt), 1, () -> true))
          .isInstanceOf(PromptCancelledException.class)
          .hasMessageContaining("of 4500 tokens");
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> model.promptStates(List.of(prompt)))
            .isInstanceOf(PromptCancelledException.class);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(model.promptStates(List.of(prompt(30, 1)))).hasSize(1); // one piece is run
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(model.promptStates(List.of(prompt), 1, () -> false)).hasSize(1);
    }
  }

  @Test
  void theContextCanBeCapped() {
    model(1, 0, 64).close();
    try (BaseModel model = BaseModel.load(folder, WeightFormat.F32, 10);
        BaseModel full = BaseModel.load(folder, WeightFormat.F32, 1000)) {
      assertThat(model.contextLength()).isEqualTo(10);
      assertThat(full.contextLength()).isEqualTo(64);
      assertThat(model.promptStates(List.of(prompt(10, 1)))).hasSize(1);
      assertThatThrownBy(() -> model.promptStates(List.of(prompt(11, 1))))
          .isInstanceOf(ContextLengthException.class)
          .hasMessageContaining("11 tokens do not fit the model's context of 10");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BaseModel.load(folder, WeightFormat.F32, 0))
        .withMessageContaining("contextLength");
  }
}
