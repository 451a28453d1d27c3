package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mistral's attention reaches {@code sliding_window} tokens, each counted with itself. */
final class SlidingWindowTest {

  private static final int WINDOW = 4;
  private static final int VOCAB = 64;

  private final int[] sequence = IntStream.range(0, 16).map(i -> (i * 11 + 3) % VOCAB).toArray();

  @TempDir Path folder;

  private BaseModel mistral(int layers) {
    SampleCheckpoints.writeRandom(
        folder,
        """
        {"model_type": "mistral", "hidden_size": 32, "num_hidden_layers": %d,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": false, "max_position_embeddings": 64, "sliding_window": %d}
        """
            .formatted(layers, VOCAB, WINDOW),
        11);
    return BaseModel.load(folder, WeightFormat.F32);
  }

  @Test
  void oneLayerSeesTheWindowAndNoMore() {
    try (BaseModel model = mistral(1)) {
      float[] logits = Runs.logits(model, sequence, AdapterChoice.base());
      for (int position = 0; position < sequence.length; position++) {
        // Rotary positions are relative: a window alone gives what it gives inside the sequence.
        int start = Math.max(0, position - WINDOW + 1);
        int[] window = Arrays.copyOfRange(sequence, start, position + 1);
        float[] alone = Runs.logits(model, window, AdapterChoice.base());
        assertThat(
                Differences.max(
                    Runs.position(logits, position, VOCAB),
                    Runs.position(alone, window.length - 1, VOCAB)))
            .as("position %d", position)
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void layersReachOneWindowBeyondEachOther() {
    try (BaseModel model = mistral(2)) {
      int last = sequence.length - 1;
      int reach = 2 * (WINDOW - 1);
      float[] before = lastLogits(model, sequence);

      assertThat(lastLogits(model, changed(last - reach - 1))).containsExactly(before);
      assertThat(lastLogits(model, changed(last - reach))).isNotEqualTo(before);
    }
  }

  private int[] changed(int position) {
    int[] copy = sequence.clone();
    copy[position] = (copy[position] + 1) % VOCAB;
    return copy;
  }

  private static float[] lastLogits(BaseModel model, int[] tokens) {
    float[] logits = Runs.logits(model, tokens, AdapterChoice.base());
    return Runs.position(logits, tokens.length - 1, VOCAB);
  }

  @Test
  void incrementalDecodeOfRowsOfOtherLengthsKeepsToTheWindow() {
    try (BaseModel model = mistral(2)) {
      int[] shorter = Arrays.copyOfRange(sequence, 5, sequence.length);
      TokenBatch prefill =
          TokenBatch.of(List.of(Arrays.copyOf(sequence, 9), Arrays.copyOf(shorter, 4)));
      List<AdapterChoice> base = Runs.all(2, AdapterChoice.base());
      float[] first = Runs.logits(model, sequence, AdapterChoice.base());
      float[] second = Runs.logits(model, shorter, AdapterChoice.base());
      try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 2, sequence.length)) {
        float[] found = Runs.extend(model, prefill, base, cache);
        for (int next = 9; next < sequence.length; next++) {
          int own = next - 5;
          assertThat(Differences.max(row(found, 0), Runs.position(first, next - 1, VOCAB)))
              .isLessThanOrEqualTo(1e-4);
          assertThat(Differences.max(row(found, 1), Runs.position(second, own - 1, VOCAB)))
              .isLessThanOrEqualTo(1e-4);
          int[] tokens = {sequence[next], shorter[own]};
          found =
              Runs.extend(
                  model,
                  TokenBatch.of(List.of(new int[] {tokens[0]}, new int[] {tokens[1]})),
                  base,
                  cache);
        }
      }
    }
  }

  private static float[] row(float[] logits, int row) {
    return Runs.position(logits, row, VOCAB);
  }
}
