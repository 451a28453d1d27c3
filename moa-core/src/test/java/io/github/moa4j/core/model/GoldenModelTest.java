package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.config.RotaryFrequencies;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each golden checkpoint against the outputs of the independent implementation. */
@ParameterizedClass
@EnumSource(Golden.class)
final class GoldenModelTest {

  private static final int GREEDY_PROMPT = 8;

  private final Golden golden;
  private final BaseModel model;
  private final AppliedLora adapter;

  GoldenModelTest(Golden golden) {
    this.golden = golden;
    this.model = golden.load();
    this.adapter = model.load(golden.adapter());
  }

  @AfterEach
  void close() {
    adapter.close();
    model.close();
  }

  @Test
  void baseLogitsAgree() {
    assertThat(Differences.max(batchLogits(AdapterChoice.base()), golden.floats("base_logits")))
        .isLessThanOrEqualTo(1e-4);
  }

  @Test
  void adapterLogitsAgree() {
    assertThat(
            Differences.max(batchLogits(AdapterChoice.of(adapter)), golden.floats("lora_logits")))
        .isLessThanOrEqualTo(1e-4);
  }

  private float[] batchLogits(AdapterChoice choice) {
    try (NDManager scope = Runs.decoder(model).newScope()) {
      return Runs.decoder(model)
          .logits(scope, TokenBatch.of(golden.sequences()), Runs.all(Golden.ROWS, choice))
          .toFloatArray();
    }
  }

  @Test
  void greedyTokensOfTheBaseAgree() {
    assertThat(Runs.greedy(model, greedyPrompt(), AdapterChoice.base(), 16))
        .containsExactly(golden.longs("base_greedy"));
  }

  @Test
  void greedyTokensOfTheAdapterAgree() {
    assertThat(Runs.greedy(model, greedyPrompt(), AdapterChoice.of(adapter), 16))
        .containsExactly(golden.longs("lora_greedy"));
  }

  private int[] greedyPrompt() {
    return Arrays.copyOf(golden.sequences().get(0), GREEDY_PROMPT);
  }

  @Test
  void lossOverTheAnswerTokensAgrees() {
    assumeTrue(golden.hasLosses());
    AnswerTargets targets = golden.targets();
    float[] losses =
        Runs.decoder(model)
            .answerLosses(
                TokenBatch.of(golden.sequences()),
                Runs.all(Golden.ROWS, AdapterChoice.of(adapter)),
                targets);
    double sum = 0;
    for (float loss : losses) {
      sum += loss;
    }
    assertThat(sum / losses.length).isCloseTo(golden.floats("lora_loss")[0], within(1e-5));
  }

  @Test
  void incrementalDecodeEqualsFullForward() {
    // Cached keys stay as they were turned, so a step is not the whole anew where angles depend on
    // the length.
    assumeFalse(RotaryFrequencies.of(model.config()).dependsOnLength());
    int[] sequence = golden.sequences().get(1);
    int vocab = model.config().vocabSize();
    AdapterChoice choice = AdapterChoice.of(adapter);
    float[] full = Runs.logits(model, sequence, choice);
    int[] pieces = {5, 1, 1, 7, 1, 9}; // a prefill, single tokens and longer continuations

    int done = 0;
    try (KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 1, sequence.length)) {
      for (int piece : pieces) {
        int[] tokens = Arrays.copyOfRange(sequence, done, done + piece);
        float[] last = Runs.extend(model, TokenBatch.of(List.of(tokens)), List.of(choice), cache);
        done += piece;
        assertThat(Differences.max(last, Runs.position(full, done - 1, vocab)))
            .as("after %d tokens", done)
            .isLessThanOrEqualTo(1e-4);
      }
    }
    assertThat(done).isEqualTo(sequence.length);
  }

  @Test
  void batchOfMixedAdaptersEqualsSingleSequences() {
    int[] first = golden.sequences().get(0);
    int[] second = golden.sequences().get(1);
    try (AppliedLora other = model.load(TestModels.randomAdapter(model, 3))) {
      List<int[]> sequences =
          List.of(Arrays.copyOf(first, 11), second, Arrays.copyOf(second, 17), new int[] {9});
      List<AdapterChoice> choices =
          List.of(
              AdapterChoice.of(adapter),
              AdapterChoice.of(other),
              AdapterChoice.base(),
              AdapterChoice.of(adapter));

      List<float[]> batch = Runs.logits(model, TokenBatch.of(sequences), choices);
      for (int row = 0; row < sequences.size(); row++) {
        float[] alone = Runs.logits(model, sequences.get(row), choices.get(row));
        assertThat(Differences.max(batch.get(row), alone)).isLessThanOrEqualTo(1e-4);
      }
    }
  }
}
