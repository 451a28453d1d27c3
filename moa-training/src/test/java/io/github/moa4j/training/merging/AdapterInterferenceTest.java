package io.github.moa4j.training.merging;

import static io.github.moa4j.training.merging.SampleAdapters.delta;
import static io.github.moa4j.training.merging.SampleAdapters.golden;
import static io.github.moa4j.training.merging.SampleAdapters.random;
import static io.github.moa4j.training.merging.SampleAdapters.scaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class AdapterInterferenceTest {

  @Property(tries = 40)
  void theCosineIsThatOfTheWholeDeltas(
      @ForAll @IntRange(min = 1, max = 4) int first,
      @ForAll @IntRange(min = 1, max = 4) int second,
      @ForAll long seed) {
    LoraAdapter left = random(first, 4, seed);
    LoraAdapter right = random(second, 3, seed + 1);
    AdapterInterference found = AdapterInterference.between(pair(left, right));
    double inner = 0;
    double normLeft = 0;
    double normRight = 0;
    for (int layer = 0; layer < SampleAdapters.LAYERS; layer++) {
      for (TargetModule module : SampleAdapters.TWO) {
        double[] a = delta(left, layer, module);
        double[] b = delta(right, layer, module);
        for (int i = 0; i < a.length; i++) {
          inner += a[i] * b[i];
          normLeft += a[i] * a[i];
          normRight += b[i] * b[i];
        }
      }
    }
    double expected = inner / Math.sqrt(normLeft * normRight);
    assertThat(found.overall().deltaCosine()[0][1]).isCloseTo(expected, within(1e-9));
    assertThat(found.overall().deltaCosine()[1][0]).isCloseTo(expected, within(1e-9));
  }

  @Test
  void anAdapterIsLikeItselfAndOppositeToItsNegative() {
    LoraAdapter adapter = golden("llama-gqa");
    AdapterSimilarity overall =
        AdapterInterference.between(pair(adapter, scaled(adapter, -3))).overall();
    assertThat(overall.deltaCosine()[0][0]).isCloseTo(1, within(1e-12));
    assertThat(overall.deltaCosine()[0][1]).isCloseTo(-1, within(1e-6));
    assertThat(overall.columnSpaceCosine()[0][1]).isCloseTo(1, within(1e-6));
    assertThat(overall.rowSpaceCosine()[0][1]).isCloseTo(1, within(1e-6));
  }

  @Test
  void measuresTheAnglesBetweenSpaces() {
    // B spans the first two axes, against the first axis and one at 60 degrees to the second.
    float sine = (float) Math.sqrt(0.75);
    LoraAdapter first = adapter(new float[] {1, 0, 0, 2, 0, 0}, new float[] {1, 0, 0, 1});
    LoraAdapter second = adapter(new float[] {5, 0, 0, 0.5f, 0, sine}, new float[] {1, 1, 0, 1});
    AdapterSimilarity overall = AdapterInterference.between(pair(first, second)).overall();
    assertThat(overall.columnSpaceCosine()[0][1]).isCloseTo((1 + 0.5) / 2, within(1e-6));
    assertThat(overall.rowSpaceCosine()[0][1]).isCloseTo(1, within(1e-6)); // all of the plane
  }

  @Test
  void directionsThatAFactorDoesNotUseDoNotCount() {
    LoraAdapter first = adapter(new float[] {1, 0, 0, 0, 0, 0}, new float[] {1, 0, 0, 1});
    LoraAdapter second = adapter(new float[] {3, 6, 0, 0, 0, 0}, new float[] {1, 0, 0, 1});
    AdapterSimilarity overall = AdapterInterference.between(pair(first, second)).overall();
    assertThat(overall.columnSpaceCosine()[0][1]).isCloseTo(1, within(1e-9));
  }

  @Test
  void anUntrainedAdapterInterferesWithNothing() {
    LoraAdapter untrained = scaled(random(2, 4, 1), 0);
    AdapterSimilarity overall =
        AdapterInterference.between(pair(untrained, random(2, 4, 2))).overall();
    assertThat(overall.deltaCosine()[0]).containsExactly(0, 0);
    assertThat(overall.columnSpaceCosine()[0]).containsExactly(0, 0);
  }

  @Test
  void adaptersWithoutACommonMapDoNotInterfere() {
    LoraAdapter queries = random(LoraConfig.of(2, 2, EnumSet.of(TargetModule.Q_PROJ)), 1);
    LoraAdapter values = random(LoraConfig.of(3, 3, EnumSet.of(TargetModule.V_PROJ)), 2);
    AdapterSimilarity overall = AdapterInterference.between(pair(queries, values)).overall();
    assertThat(overall.deltaCosine()[0]).containsExactly(1, 0);
    assertThat(overall.rowSpaceCosine()[0]).containsExactly(1, 0);
  }

  @Test
  void tellsEveryLayerApartAndKeepsTheNames() {
    LoraAdapter adapter = random(2, 4, 1);
    AdapterInterference found = AdapterInterference.between(pair(adapter, random(2, 4, 2)));
    assertThat(found.names()).containsExactly("first", "second");
    assertThat(found.layers().keySet()).containsExactly(0, 1);
    assertThat(found.layers().get(0).deltaCosine()[0][1])
        .isNotCloseTo(found.layers().get(1).deltaCosine()[0][1], within(1e-6));
    double mean =
        (found.layers().get(0).rowSpaceCosine()[0][1]
                + found.layers().get(1).rowSpaceCosine()[0][1])
            / 2;
    assertThat(found.overall().rowSpaceCosine()[0][1]).isCloseTo(mean, within(1e-12));
  }

  @Test
  void refusesAdaptersOfDifferentWidths() {
    assertThatThrownBy(
            () -> AdapterInterference.between(pair(golden("llama-gqa"), random(2, 2, 1))))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("one base");
    assertThatThrownBy(() -> AdapterInterference.between(Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Map<String, LoraAdapter> pair(LoraAdapter first, LoraAdapter second) {
    Map<String, LoraAdapter> pair = new LinkedHashMap<>();
    pair.put("first", first);
    pair.put("second", second);
    return pair;
  }

  /** One map from 2 to 3 values, of rank 2. */
  private static LoraAdapter adapter(float[] b, float[] a) {
    return LoraAdapter.of(
        LoraConfig.of(2, 2, Set.copyOf(List.of(TargetModule.Q_PROJ))),
        Map.of(
            LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_B"),
            HostTensor.of(b, 3, 2),
            LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_A"),
            HostTensor.of(a, 2, 2)));
  }
}
