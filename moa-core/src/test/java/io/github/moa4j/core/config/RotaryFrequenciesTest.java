package io.github.moa4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.checkpoint.TestCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotaryFrequenciesTest {

  private static final double RELATIVE_F32 = 1.2e-7; // rounding to f32

  @TempDir private Path folder;

  /**
   * Random settings of every kind, in every spelling, against the numbers of transformers 5.18's
   * modeling_rope_utils in f64.
   */
  @Test
  void agreesWithTheReferenceOverRandomConfigurations() throws IOException {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("rotary-frequencies.json")) {
      cases = new JsonMapper().readTree(in);
    }
    assertThat(cases).hasSize(400);
    for (JsonNode sample : cases) {
      Path file = Files.writeString(folder.resolve("config.json"), sample.get("config").toString());
      RotaryFrequencies rotary = RotaryFrequencies.of(ModelConfig.read(file));
      float[] frequencies = rotary.inverseFrequencies(sample.get("length").intValue());

      assertThat(rotary.attentionFactor())
          .as("attention factor of %s", sample)
          .isCloseTo(sample.get("attention").doubleValue(), within(1e-10));
      assertThat(frequencies).as("%s", sample).hasSize(sample.get("frequencies").size());
      assertThat(rotary.rotaryDims()).isEqualTo(2 * frequencies.length);
      for (int i = 0; i < frequencies.length; i++) {
        double expected = sample.get("frequencies").get(i).doubleValue();
        assertThat((double) frequencies[i])
            .as("frequency %d of %s", i, sample)
            .isCloseTo(expected, within(RELATIVE_F32 * expected));
      }
    }
  }

  private static RotaryFrequencies of(RopeScaling scaling) {
    return RotaryFrequencies.of(TestCheckpoint.config(new RopeConfig(10_000, 16, scaling)));
  }

  @Test
  void onlyDynamicAndLongRopeDependOnTheLength() {
    List<Double> ones = List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0);
    assertThat(of(new RopeScaling.Dynamic(2, 64)).dependsOnLength()).isTrue();
    assertThat(of(new RopeScaling.LongRope(ones, ones, 64, 1)).dependsOnLength()).isTrue();
    for (RopeScaling scaling :
        List.of(
            new RopeScaling.None(),
            new RopeScaling.Linear(4),
            new RopeScaling.Llama3(8, 1, 4, 64),
            new RopeScaling.Yarn(4, 64, 32, 1, true, 1.1))) {
      RotaryFrequencies rotary = of(scaling);
      assertThat(rotary.dependsOnLength()).isFalse();
      assertThat(rotary.inverseFrequencies(1)).isEqualTo(rotary.inverseFrequencies(100_000));
    }
  }

  @Test
  void dynamicScalingBeginsBehindTheContextOfTraining() {
    RotaryFrequencies rotary = of(new RopeScaling.Dynamic(2, 64));
    float[] plain = of(new RopeScaling.None()).inverseFrequencies(1);
    assertThat(rotary.inverseFrequencies(64)).isEqualTo(plain);
    assertThat(rotary.inverseFrequencies(65)[7]).isLessThan(plain[7]);
    assertThat(rotary.inverseFrequencies(65)[0]).isEqualTo(1);
  }

  @Test
  void refusesALengthOfNoTokens() {
    assertThatThrownBy(() -> of(new RopeScaling.None()).inverseFrequencies(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
