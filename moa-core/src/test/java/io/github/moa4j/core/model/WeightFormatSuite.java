package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.internal.AnswerTargets;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of a base in every form that its weights can be kept and computed in. */
abstract class WeightFormatSuite {

  /** What a format makes of a checkpoint's tensor. */
  interface Rounding {
    HostTensor of(ModelConfig config, String name, HostTensor tensor);
  }

  /**
   * Of 48 tokens one or two take another expert than unrounded states would; so in all programs.
   */
  private static final double OTHER_EXPERT = 3;

  @TempDir Path folder;

  private final WeightFormat format;
  private final Rounding rounding;
  private final double tolerance;

  /**
   * A format under test.
   *
   * @param rounding what the format makes of a tensor: the reference computes in f32 with weights
   *     so rounded
   * @param tolerance of logits, ‖difference‖ / ‖reference‖
   */
  WeightFormatSuite(WeightFormat format, Rounding rounding, double tolerance) {
    this.format = format;
    this.rounding = rounding;
    this.tolerance = tolerance;
  }

  private BaseModel load(Golden golden) {
    return BaseModel.load(golden.directory(), format);
  }

  private BaseModel reference(Golden golden) {
    Path rounded = folder.resolve(golden.name());
    ModelConfig config = ModelConfig.read(golden.directory().resolve("config.json"));
    SampleCheckpoints.rewrite(
        golden.directory(), rounded, (name, tensor) -> rounding.of(config, name, tensor));
    return BaseModel.load(rounded, WeightFormat.F32);
  }

  @ParameterizedTest
  @EnumSource(Golden.class)
  void logitsOfBaseAndAdapterAgreeWithTheReference(Golden golden) {
    try (BaseModel model = load(golden);
        AppliedLora adapter = model.load(golden.adapter());
        BaseModel reference = reference(golden);
        AppliedLora expected = reference.load(golden.adapter())) {
      double limit = golden.hasExperts() ? OTHER_EXPERT * tolerance : tolerance;
      assertThat(
              Differences.relative(
                  logits(model, golden, AdapterChoice.base()),
                  logits(reference, golden, AdapterChoice.base())))
          .isLessThanOrEqualTo(limit);
      assertThat(
              Differences.relative(
                  logits(model, golden, AdapterChoice.of(adapter)),
                  logits(reference, golden, AdapterChoice.of(expected))))
          .isLessThanOrEqualTo(limit);
    }
  }

  private static float[] logits(BaseModel model, Golden golden, AdapterChoice choice) {
    List<float[]> rows =
        Runs.logits(model, TokenBatch.of(golden.sequences()), Runs.all(Golden.ROWS, choice));
    float[] all = new float[rows.stream().mapToInt(row -> row.length).sum()];
    int next = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, next, row.length);
      next += row.length;
    }
    return all;
  }

  @Test
  void lossAgreesWithTheReference() {
    Golden golden = Golden.QWEN2_TIED;
    try (BaseModel model = load(golden);
        AppliedLora adapter = model.load(golden.adapter())) {
      AnswerTargets targets = golden.targets();
      float[] losses =
          Runs.decoder(model)
              .answerLosses(
                  TokenBatch.of(golden.sequences()),
                  Runs.all(Golden.ROWS, AdapterChoice.of(adapter)),
                  targets);
      double mean =
          IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).sum() / losses.length;
      assertThat(mean).isCloseTo(golden.floats("lora_loss")[0], within(10 * tolerance));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Golden.class,
      names = {"LLAMA_GQA", "QWEN3_QKNORM"})
  void decodingTokenByTokenEqualsOnePass(Golden golden) {
    int[] sequence = golden.sequences().get(0);
    try (BaseModel model = load(golden);
        AppliedLora adapter = model.load(golden.adapter());
        KeyValueCache cache = KeyValueCache.of(Runs.decoder(model), 1, sequence.length)) {
      AdapterChoice choice = AdapterChoice.of(adapter);
      float[] whole = Runs.logits(model, sequence, choice);
      for (int i = 0; i < sequence.length; i++) {
        float[] last =
            Runs.extend(
                model, TokenBatch.of(List.of(new int[] {sequence[i]})), List.of(choice), cache);
        close(last, Runs.position(whole, i, model.vocabSize()));
      }
    }
  }

  @Test
  void rowsOfABatchAreWhatTheyAreAlone() {
    Golden golden = Golden.LLAMA_GQA;
    int[] sequence = golden.sequences().get(0);
    try (BaseModel model = load(golden);
        AppliedLora adapter = model.load(golden.adapter());
        AppliedLora other = model.load(TestModels.randomAdapter(model, 3))) {
      List<int[]> sequences = List.of(Arrays.copyOf(sequence, 11), sequence, new int[] {9});
      List<AdapterChoice> choices =
          List.of(AdapterChoice.of(adapter), AdapterChoice.of(other), AdapterChoice.base());

      List<float[]> rows = Runs.logits(model, TokenBatch.of(sequences), choices);

      for (int row = 0; row < rows.size(); row++) {
        close(rows.get(row), Runs.logits(model, sequences.get(row), choices.get(row)));
      }
    }
  }

  @Test
  void loadsToTheSameBitsAndTheFingerprintOfTheCheckpoint() {
    Golden golden = Golden.LLAMA_GQA;
    int[] sequence = golden.sequences().get(1);
    try (BaseModel first = load(golden);
        BaseModel second = load(golden);
        BaseModel plain = golden.load()) {
      assertThat(Runs.logits(first, sequence, AdapterChoice.base()))
          .containsExactly(Runs.logits(second, sequence, AdapterChoice.base()));
      assertThat(first.fingerprint()).isEqualTo(plain.fingerprint());
    }
  }

  private void close(float[] found, float[] expected) {
    assertThat(Differences.relative(found, expected)).isLessThanOrEqualTo(tolerance);
  }
}
