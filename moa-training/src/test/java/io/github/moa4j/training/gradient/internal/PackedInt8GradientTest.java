package io.github.moa4j.training.gradient.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.lora.internal.TrainableLora;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.training.data.EncodedExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training on matrices so large that serving keeps their int8 packed: gate and up, and the head,
 * tied or not.
 */
final class PackedInt8GradientTest {

  private static final int VOCAB = 8200;
  private static final double TOLERANCE = 0.1; // as of small int8 matrices
  private static final int[] WHOLE = {0, 0};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"INT8, true", "INT8, false", "INT4, true"})
  void lossAndGradientsAreAboutThoseOfF32(WeightFormat format, boolean tied) throws IOException {
    write(tied);
    Result expected = gradients(WeightFormat.F32);
    Result found = gradients(format);
    double tolerance = format == WeightFormat.INT4 ? 6 * TOLERANCE : TOLERANCE;
    assertThat(found.loss()).isCloseTo(expected.loss(), withinPercentage(100 * tolerance));
    for (int i = 0; i < expected.arrays().size(); i++) {
      assertThat(GoldenBatch.relative(found.arrays().get(i), expected.arrays().get(i)))
          .isLessThan(tolerance);
    }
  }

  private record Result(double loss, List<float[]> arrays) {}

  private Result gradients(WeightFormat format) {
    Random random = new Random(4);
    List<EncodedExample> examples = new ArrayList<>();
    for (int length : new int[] {30, 50}) {
      examples.add(new EncodedExample(random.ints(length, 0, VOCAB).toArray(), 10));
    }
    LoraConfig lora = LoraConfig.of(4, 8, EnumSet.of(TargetModule.Q_PROJ, TargetModule.UP_PROJ));
    try (BaseModel base = BaseModel.load(folder, format);
        GradientKernel kernel = GradientKernel.of(base.unwrap(Decoder.class));
        TrainableLora parameters =
            base.unwrap(Decoder.class).trainable(GoldenBatch.random(base, lora, 0.02, 3));
        NDManager scope = base.unwrap(Decoder.class).newScope()) {
      List<GradientKernel.Lesson> lesson =
          List.of(
              new GradientKernel.Lesson(parameters, AnswerBatch.of(examples), WHOLE, 1 / 60.0, 0));
      Gradients found = kernel.gradients(scope, lesson, 0, true).get(0);
      return new Result(
          found.loss(), found.arrays().stream().map(array -> array.toFloatArray()).toList());
    }
  }

  private void write(boolean tied) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"model_type": "mistral", "hidden_size": 512, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 4096,
             "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
             "tie_word_embeddings": %b, "max_position_embeddings": 1024}
            """
                .formatted(VOCAB, tied));
    Random random = new Random(5);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    DecoderLayout.of(ModelConfig.read(config))
        .tensors()
        .forEach(
            (name, shape) -> {
              long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
              float[] values = new float[Math.toIntExact(size)];
              double deviation = shape.length == 1 ? 0.1 : 1 / Math.sqrt((double) shape[1]);
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    (float) ((shape.length == 1 ? 1 : 0) + deviation * random.nextGaussian());
              }
              tensors.put(name, HostTensor.of(values, shape));
            });
    SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
  }
}
