package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.kernel.WeightFormat;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A model that turns 12 of the 16 dimensions of a head, against an independent implementation. */
final class PartialRotaryTest {

  private static final Path FOLDER = TestModels.resource("/golden/mistral-partial-rotary");
  private static final int LENGTH = 24;

  @Test
  void logitsAndGreedyTokensAgree() {
    try (BaseModel model = BaseModel.load(FOLDER, WeightFormat.F32);
        SafetensorsFile golden = SafetensorsFile.open(FOLDER.resolve("golden.safetensors"))) {
      int[] ids =
          LongStream.of(golden.tensor("input_ids").toLongArray())
              .mapToInt(Math::toIntExact)
              .toArray();
      int[] first = Arrays.copyOf(ids, LENGTH);
      float[] expected = golden.tensor("base_logits").toFloatArray();

      assertThat(
              Differences.max(
                  Runs.logits(model, first, AdapterChoice.base()),
                  Arrays.copyOf(expected, expected.length / 2)))
          .isLessThanOrEqualTo(1e-4);
      assertThat(Runs.greedy(model, Arrays.copyOf(first, 8), AdapterChoice.base(), 16))
          .containsExactly(golden.tensor("base_greedy").toLongArray());
    }
  }
}
