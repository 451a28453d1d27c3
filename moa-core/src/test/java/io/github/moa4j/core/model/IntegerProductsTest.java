package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.internal.TokenBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Matrices of four million values and more, whose int8 is multiplied by rounded states where the
 * processor has instructions for it: here gate and up, and the head with its 8,200 rows, which are
 * no multiple of a block.
 */
final class IntegerProductsTest {

  private static final int VOCAB = 8200;
  private static final double TOLERANCE = 3e-2; // as of all other int8 and int4 products

  /**
   * Of a prompt of many tokens every product rounds the states, by 0.8 % of their length each time,
   * as much as int8 rounds the weights; those of int4 are rounded to int8 once more.
   */
  private static final double TOLERANCE_OF_INT8_PROMPTS = 6e-2;

  private static final double TOLERANCE_OF_INT4_PROMPTS = 8.5e-2;

  @TempDir Path folder;

  private Path write(boolean tied) {
    SampleCheckpoints.writeRandom(
        folder,
        """
        {"model_type": "mistral", "hidden_size": 512, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 4096,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": %b, "max_position_embeddings": 1024}
        """
            .formatted(VOCAB, tied),
        5);
    return folder;
  }

  private static LoraAdapter adapter(BaseModel model, long seed) {
    LoraConfig config = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));
    return TestModels.randomized(LoraInitialization.random(model.config(), config, seed), seed);
  }

  @ParameterizedTest
  @CsvSource({"INT8, true", "INT8, false", "INT4, true", "INT4, false"})
  void logitsAgreeWithRoundedWeightsInF32(WeightFormat format, boolean tied) {
    Path checkpoint = write(tied);
    Path rounded = folder.resolve("rounded");
    ModelConfig config = ModelConfig.read(checkpoint.resolve("config.json"));
    SampleCheckpoints.rewrite(
        checkpoint, rounded, (name, tensor) -> rounded(format, config, name, tensor));
    int[] tokens = new Random(1).ints(150, 0, VOCAB).toArray();
    try (BaseModel model = BaseModel.load(checkpoint, format);
        AppliedLora own = model.load(adapter(model, 2));
        BaseModel reference = BaseModel.load(rounded, WeightFormat.F32);
        AppliedLora expected = reference.load(adapter(reference, 2))) {
      for (int length : new int[] {1, 20, 150}) {
        int[] prompt = Arrays.copyOf(tokens, length);
        double tolerance = length > 32 ? toleranceOfPrompts(format) : TOLERANCE;
        assertThat(
                Differences.relative(
                    Runs.logits(model, prompt, AdapterChoice.base()),
                    Runs.logits(reference, prompt, AdapterChoice.base())))
            .isLessThan(tolerance);
        assertThat(
                Differences.relative(
                    Runs.logits(model, prompt, AdapterChoice.of(own)),
                    Runs.logits(reference, prompt, AdapterChoice.of(expected))))
            .isLessThan(tolerance);
      }
    }
  }

  private static double toleranceOfPrompts(WeightFormat format) {
    return format == WeightFormat.INT8 ? TOLERANCE_OF_INT8_PROMPTS : TOLERANCE_OF_INT4_PROMPTS;
  }

  private static HostTensor rounded(
      WeightFormat format, ModelConfig config, String name, HostTensor tensor) {
    return format == WeightFormat.INT8
        ? Quantised.int8(config, name, tensor)
        : Quantised.int4(config, name, tensor);
  }

  @ParameterizedTest
  @CsvSource({"INT8", "INT4"})
  void rowsAreAsAlone(WeightFormat format) {
    Path checkpoint = write(true);
    Random random = new Random(3);
    List<int[]> sequences =
        List.of(
            random.ints(11, 0, VOCAB).toArray(),
            random.ints(1, 0, VOCAB).toArray(),
            random.ints(17, 0, VOCAB).toArray(),
            random.ints(2, 0, VOCAB).toArray());
    try (BaseModel model = BaseModel.load(checkpoint, format);
        AppliedLora first = model.load(adapter(model, 2));
        AppliedLora second = model.load(adapter(model, 3))) {
      List<AdapterChoice> choices =
          List.of(
              AdapterChoice.of(first),
              AdapterChoice.base(),
              AdapterChoice.of(second),
              AdapterChoice.of(first));
      List<float[]> together = Runs.logits(model, TokenBatch.of(sequences), choices);
      for (int row = 0; row < sequences.size(); row++) {
        float[] alone = Runs.logits(model, sequences.get(row), choices.get(row));
        assertThat(Arrays.equals(together.get(row), alone)).as("row %d", row).isTrue();
      }
    }
  }

  /** A state without a value other than zero has no step to be rounded by. */
  @Test
  void aTokenWhoseEmbeddingIsZeroGivesNumbers() {
    Path checkpoint = write(true);
    Path changed = folder.resolve("changed");
    SampleCheckpoints.rewrite(
        checkpoint,
        changed,
        (name, tensor) -> {
          float[] values = tensor.toFloatArray();
          if (name.contains("embed_tokens")) {
            Arrays.fill(values, 0, 512, 0f);
          }
          return HostTensor.of(values, tensor.shape());
        });
    try (BaseModel model = BaseModel.load(changed, WeightFormat.INT8)) {
      for (float logit : Runs.logits(model, new int[] {0}, AdapterChoice.base())) {
        assertThat(logit).isZero();
      }
    }
  }
}
