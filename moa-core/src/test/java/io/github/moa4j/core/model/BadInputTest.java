package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be computed is refused in words, before the engine sees it. */
@TestInstance(Lifecycle.PER_CLASS)
final class BadInputTest {

  private static final List<AdapterChoice> BASE = List.of(AdapterChoice.base());

  private final TokenBatch batch = TokenBatch.of(List.of(new int[] {3, 4, 5}));
  private final TokenBatch two = TokenBatch.of(List.of(new int[] {3, 4, 5}, new int[] {6}));
  private BaseModel model;
  private Decoder decoder;
  private NDManager scope;

  @BeforeAll
  void load() {
    model = Golden.LLAMA_GQA.load();
    decoder = model.unwrap(Decoder.class);
    scope = decoder.newScope();
  }

  @AfterAll
  void close() {
    scope.close();
    model.close();
  }

  @Test
  void missingDirectoryIsNamed(@TempDir Path folder) {
    Path missing = folder.resolve("nowhere");
    assertThatThrownBy(() -> BaseModel.load(missing, WeightFormat.F32))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void tokenBeyondTheVocabularyIsNamed() {
    TokenBatch foreign = TokenBatch.of(List.of(new int[] {3, 512}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder.logits(scope, foreign, BASE))
        .withMessageContaining("Token id 512 in row 0")
        .withMessageContaining("vocabulary of 512");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.promptStates(List.of(new int[] {-1})))
        .withMessageContaining("Token id -1");
  }

  @Test
  void everyRowNeedsItsChoice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder.logits(scope, two, BASE))
        .withMessageContaining("2 rows needs one adapter choice a row, not 1");
  }

  @Test
  void batchesNeedRowsAndRowsTokens() {
    assertThatIllegalArgumentException().isThrownBy(() -> TokenBatch.of(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenBatch.of(List.of(new int[] {1}, new int[0])));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenBatch(new int[3], new int[] {0, 2}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenBatch(new int[4], new int[] {1, 4}));
  }

  @Test
  void sequenceBeyondTheContextIsRefused() {
    TokenBatch tooLong = TokenBatch.of(List.of(new int[257]));
    assertThatThrownBy(() -> decoder.logits(scope, tooLong, BASE))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("257 tokens do not fit the model's context of 256");
    assertThatThrownBy(() -> model.promptStates(List.of(new int[257])))
        .isInstanceOf(ContextLengthException.class);
  }

  @Test
  void cacheGrowsNeitherBeyondItsCapacityNorTheContext() {
    int[] slot = {1};
    try (KeyValueCache cache = KeyValueCache.of(decoder, 2, 4)) {
      decoder.extend(scope, batch, BASE, cache, slot);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.extend(scope, batch, BASE, cache, slot))
          .withMessageContaining("2 slots for 4 tokens cannot take 3 tokens more in slot 1");
      assertThat(cache.length(1)).isEqualTo(3);
    }
    TokenBatch full = TokenBatch.of(List.of(new int[256]));
    try (KeyValueCache cache = KeyValueCache.of(decoder, 2, 300)) {
      decoder.extend(scope, full, BASE, cache, slot);
      assertThatThrownBy(() -> decoder.extend(scope, batch, BASE, cache, slot))
          .isInstanceOf(ContextLengthException.class);
    }
  }

  @Test
  void everySequenceNeedsASlotOfItsOwn() {
    List<AdapterChoice> choices = Runs.all(2, AdapterChoice.base());
    try (KeyValueCache cache = KeyValueCache.of(decoder, 2, 10)) {
      for (int[] slots : List.of(new int[] {1, 1}, new int[1], new int[] {0, 2})) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> decoder.extend(scope, two, choices, cache, slots))
            .withMessageContaining("slot");
      }
    }
  }

  @Test
  void lossesNeedTargetsInsideABatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                decoder.answerLosses(
                    batch, BASE, new AnswerTargets(new long[] {3}, new long[] {4})))
        .withMessageContaining("position 3");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                decoder.answerLosses(
                    batch, BASE, new AnswerTargets(new long[] {1}, new long[] {512})))
        .withMessageContaining("token 512");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AnswerTargets(new long[0], new long[0]))
        .withMessageContaining("at least one answer token");
  }

  @Test
  void adapterOfAnotherShapeIsRefused() {
    assertThatThrownBy(() -> model.load(Golden.QWEN3_QKNORM.adapter()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("does not fit the base model")
        .hasMessageContaining("q_proj");
  }
}
