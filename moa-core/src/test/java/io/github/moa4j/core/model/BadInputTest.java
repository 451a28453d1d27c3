package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.checkpoint.CheckpointException;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraParameters;
import io.github.moa4j.core.lora.TargetModule;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

  private final TokenBatch batch = TokenBatch.leftPadded(List.of(new int[] {3, 4, 5}));
  private final TokenBatch padded =
      TokenBatch.leftPadded(List.of(new int[] {3, 4, 5}, new int[] {6}));
  private BaseModel model;
  private NDManager scope;

  @BeforeAll
  void load() {
    model = Golden.LLAMA_GQA.load();
    scope = model.newScope();
  }

  @AfterAll
  void close() {
    scope.close();
    model.close();
  }

  @Test
  void missingDirectoryIsNamed(@TempDir Path folder) {
    Path missing = folder.resolve("nowhere");
    assertThatThrownBy(() -> BaseModel.load(missing, ComputeType.F32))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void tokenBeyondTheVocabularyIsNamed() {
    TokenBatch foreign = TokenBatch.leftPadded(List.of(new int[] {3, 512}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.logits(scope, foreign, BASE))
        .withMessageContaining("Token id 512 in row 0")
        .withMessageContaining("vocabulary of 512");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.promptStates(List.of(new int[] {-1})))
        .withMessageContaining("Token id -1");
  }

  @Test
  void everyRowNeedsItsChoice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.logits(scope, padded, BASE))
        .withMessageContaining("2 rows needs one adapter choice a row, not 1");
  }

  @Test
  void batchesNeedRowsAndRowsTokens() {
    assertThatIllegalArgumentException().isThrownBy(() -> TokenBatch.leftPadded(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenBatch.rightPadded(List.of(new int[] {1}, new int[0])));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenBatch(new long[3], 2, 2, new int[2]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenBatch(new long[4], 2, 2, new int[] {0, 2}));
  }

  @Test
  void sequenceBeyondTheContextIsRefused() {
    TokenBatch tooLong = TokenBatch.leftPadded(List.of(new int[257]));
    assertThatThrownBy(() -> model.logits(scope, tooLong, BASE))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("257 tokens do not fit the model's context of 256");
    assertThatThrownBy(() -> model.promptStates(List.of(new int[257])))
        .isInstanceOf(ContextLengthException.class);
  }

  @Test
  void cacheGrowsNeitherBeyondItsCapacityNorTheContext() {
    try (KeyValueCache cache = KeyValueCache.of(model, batch, 4)) {
      model.extend(scope, batch, BASE, cache);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.extend(scope, batch, BASE, cache))
          .withMessageContaining("1 rows and 1 free tokens cannot take 1 rows of 3 tokens");
      assertThat(cache.length()).isEqualTo(3);
    }
    TokenBatch full = TokenBatch.leftPadded(List.of(new int[256]));
    try (KeyValueCache cache = KeyValueCache.of(model, full, 300)) {
      model.extend(scope, full, BASE, cache);
      assertThatThrownBy(() -> model.extend(scope, batch, BASE, cache))
          .isInstanceOf(ContextLengthException.class);
    }
  }

  @Test
  void onlyTheFirstBatchOfACacheMayBePadded() {
    List<AdapterChoice> choices = Runs.all(2, AdapterChoice.base());
    try (KeyValueCache cache = KeyValueCache.of(model, padded, 10)) {
      model.extend(scope, padded, choices, cache);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.extend(scope, padded, choices, cache))
          .withMessageContaining("first batch");
    }
  }

  @Test
  void lossesNeedTargetsInsideARightPaddedBatch() {
    AnswerTargets inside = new AnswerTargets(new long[] {0}, new long[] {4});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.answerLosses(padded, Runs.all(2, AdapterChoice.base()), inside))
        .withMessageContaining("padded on the left");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                model.answerLosses(batch, BASE, new AnswerTargets(new long[] {3}, new long[] {4})))
        .withMessageContaining("position 3");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                model.answerLosses(
                    batch, BASE, new AnswerTargets(new long[] {1}, new long[] {512})))
        .withMessageContaining("token 512");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AnswerTargets(new long[0], new long[0]))
        .withMessageContaining("at least one answer token");
  }

  @Test
  void gradientsNeedAStartForEachRow() {
    AnswerTargets targets = new AnswerTargets(new long[] {0}, new long[] {4});
    try (LoraParameters parameters =
        model.newAdapter(LoraConfig.of(2, 2, Set.of(TargetModule.Q_PROJ)), 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.gradients(scope, parameters, batch, targets, new int[2], 1, 0, 0))
          .withMessageContaining("1 rows needs as many positions to start from, not 2");
    }
  }

  @Test
  void adapterOfAnotherShapeIsRefused() {
    assertThatThrownBy(() -> model.load(Golden.QWEN3_QKNORM.adapter()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("does not fit the base model")
        .hasMessageContaining("q_proj");
  }
}
