package io.github.moa4j.training.merging;

import static io.github.moa4j.training.merging.SampleAdapters.HIDDEN;
import static io.github.moa4j.training.merging.SampleAdapters.TWO;
import static io.github.moa4j.training.merging.SampleAdapters.delta;
import static io.github.moa4j.training.merging.SampleAdapters.golden;
import static io.github.moa4j.training.merging.SampleAdapters.random;
import static io.github.moa4j.training.merging.SampleAdapters.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.router.algebra.internal.Matrix;
import io.github.moa4j.router.algebra.internal.SingularValues;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdapterMergingTest {

  private static final List<LoraAdapter> THREE =
      List.of(random(2, 4, 1), random(3, 4, 2), random(1, 4, 3));
  private static final List<Double> WEIGHTS = List.of(0.5, 1.5, -0.25);

  @Test
  void ranksAddUpAndTheScalingBecomesOne() {
    LoraConfig config = AdapterMerging.merge(THREE, WEIGHTS, MergeMethod.cat()).config();
    assertThat(config.rank()).isEqualTo(6);
    assertThat(config.scaling()).isEqualTo(1);
    assertThat(config.targetModules()).isEqualTo(TWO);
  }

  @Test
  void refusesExpertsOneByOneBesideThoseOfParameters() {
    List<LoraAdapter> both =
        List.of(golden("mixtral-expert-lora"), golden("mixtral-parameter-lora"));
    assertThatThrownBy(() -> AdapterMerging.merge(both, List.of(1.0, 1.0), MergeMethod.cat()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("W1", "EXPERTS_GATE_UP_PROJ", "one form");
  }

  @Test
  void readsBackWhatPeftsFormatWrote(@TempDir Path directory) {
    LoraAdapter first = golden("llama-gqa");
    for (MergeMethod method : List.of(MergeMethod.cat(), MergeMethod.ties(0.3, 4))) {
      LoraAdapter merged = AdapterMerging.merge(List.of(first, first), List.of(0.7, 0.2), method);
      PeftFormat.write(merged, directory);
      assertThat(PeftFormat.read(directory).sha256()).isEqualTo(merged.sha256());
      assertThat(PeftFormat.read(directory).config()).isEqualTo(merged.config());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dora, lora_magnitude_vector",
    "lora-bias, lora_B.bias",
    "save-head, lm_head",
    "tokens-list, model.embed_tokens",
    "head, lm_head",
  })
  void refusesByNameWhatIsMoreThanAAndB(String kind, String complaint) {
    LoraAdapter adapter =
        PeftFormat.read(Path.of("../moa-core/src/test/resources/zoo/llama").resolve(kind));
    List<LoraAdapter> both = List.of(adapter, adapter);
    assertThatThrownBy(() -> AdapterMerging.merge(both, List.of(1.0, 1.0), MergeMethod.cat()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContainingAll("cannot be merged or compared", complaint);
  }

  @Test
  void anAdapterMinusItselfIsNothing() {
    LoraAdapter adapter = golden("qwen2-tied");
    LoraAdapter merged =
        AdapterMerging.merge(
            List.of(adapter, adapter),
            List.of(1.0, -1.0),
            MergeMethod.svd(adapter.config().rank()));
    assertThat(merged.config().rank()).isEqualTo(adapter.config().rank());
    merged
        .tensors()
        .values()
        .forEach(
            tensor -> {
              for (float value : tensor.toFloatArray()) {
                assertThat(value).isCloseTo(0, within(1e-6f));
              }
            });
  }

  @Test
  void compressionLosesExactlyTheSmallestSingularValues() {
    LoraAdapter merged = AdapterMerging.merge(THREE, WEIGHTS, MergeMethod.svd(2));
    double[] sum = weightedSum(THREE, WEIGHTS, 1, TargetModule.UP_PROJ);
    double[] rest = delta(merged, 1, TargetModule.UP_PROJ);
    for (int i = 0; i < rest.length; i++) {
      rest[i] -= sum[i];
    }
    double[] all = SingularValues.of(new Matrix(HIDDEN, sum.length / HIDDEN, sum)).values();
    double[] lost = SingularValues.of(new Matrix(HIDDEN, sum.length / HIDDEN, rest)).values();
    for (int i = 0; i + 2 < all.length; i++) {
      assertThat(lost[i]).isCloseTo(all[i + 2], within(1e-4));
    }
  }

  @Test
  void linearSumsTheFactorsAndNotTheDeltas() {
    List<LoraAdapter> pair = List.of(random(2, 4, 1), random(2, 4, 2));
    LoraAdapter merged = AdapterMerging.merge(pair, List.of(0.5, -0.5), MergeMethod.linear());
    float[] a = merged.loraA(0, TargetModule.V_PROJ).orElseThrow().toFloatArray();
    float[] first = pair.get(0).loraA(0, TargetModule.V_PROJ).orElseThrow().toFloatArray();
    float[] second = pair.get(1).loraA(0, TargetModule.V_PROJ).orElseThrow().toFloatArray();
    assertThat(merged.config().rank()).isEqualTo(2);
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i]).isCloseTo(first[i] - second[i], within(1e-5f)); // sqrt(0.5 * 4 / 2) = 1
    }
  }

  @Test
  void theMeanOfManyDaresIsTheSum() {
    int seeds = 400;
    double[] sum = weightedSum(THREE, WEIGHTS, 0, TargetModule.V_PROJ);
    double[] mean = new double[sum.length];
    double[] spread = new double[sum.length];
    for (int seed = 0; seed < seeds; seed++) {
      LoraAdapter merged =
          AdapterMerging.merge(THREE, WEIGHTS, MergeMethod.dareLinear(0.5, HIDDEN, seed));
      double[] delta = delta(merged, 0, TargetModule.V_PROJ);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += delta[i] / seeds;
        spread[i] += (delta[i] - sum[i]) * (delta[i] - sum[i]) / seeds;
      }
    }
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isCloseTo(sum[i], within(5 * Math.sqrt(spread[i] / seeds)));
    }
    assertThat(DoubleStream.of(spread).max().orElse(0)).isGreaterThan(0.1);
  }

  @Test
  void dareKeepsTheAskedShareOfEntriesAndRescalesThem() {
    List<LoraAdapter> one = List.of(random(3, 3, 9));
    double[] original = delta(one.get(0), 0, TargetModule.UP_PROJ);
    double[] rest =
        delta(
            AdapterMerging.merge(one, List.of(1.0), MergeMethod.dareLinear(0.25, HIDDEN, 4)),
            0,
            TargetModule.UP_PROJ);
    int kept = 0;
    for (int i = 0; i < rest.length; i++) {
      boolean dropped = Math.abs(rest[i]) < 1e-4;
      assertThat(rest[i]).isCloseTo(dropped ? 0 : 4 * original[i], within(1e-4));
      kept += dropped ? 0 : 1;
    }
    assertThat(kept).isBetween(8, 32); // of 77; five standard deviations
  }

  @Test
  void theSameSeedGivesTheSameAdapterAndAnotherSeedAnother() {
    for (boolean election : List.of(true, false)) {
      MergeMethod seven = new MergeMethod.Dare(0.4, 3, 7, election);
      MergeMethod eight = new MergeMethod.Dare(0.4, 3, 8, election);
      String hash = AdapterMerging.merge(THREE, WEIGHTS, seven).sha256();
      assertThat(AdapterMerging.merge(THREE, WEIGHTS, seven).sha256()).isEqualTo(hash);
      assertThat(AdapterMerging.merge(THREE, WEIGHTS, eight).sha256()).isNotEqualTo(hash);
    }
  }

  @Test
  void mergesEachMapFromTheAdaptersThatAdaptIt() {
    LoraAdapter queries = random(LoraConfig.of(2, 2, EnumSet.of(TargetModule.Q_PROJ)), 1);
    LoraAdapter values = random(LoraConfig.of(3, 3, EnumSet.of(TargetModule.V_PROJ)), 2);
    LoraAdapter merged =
        AdapterMerging.merge(List.of(queries, values), List.of(1.0, 2.0), MergeMethod.cat());
    assertThat(merged.config().targetModules())
        .containsExactly(TargetModule.Q_PROJ, TargetModule.V_PROJ);
    assertThat(merged.config().rank()).isEqualTo(3);
    assertThat(delta(merged, 1, TargetModule.Q_PROJ))
        .containsExactly(delta(queries, 1, TargetModule.Q_PROJ), within(1e-5));
  }

  @Test
  void keepsTheInvocationTokensAndRefusesDifferentOnes() {
    LoraConfig activated = LoraConfig.of(2, 2, TWO).withAloraInvocationTokens(List.of(5, 6));
    LoraAdapter first = random(activated, 1);
    LoraAdapter second = random(activated, 2);
    assertThat(
            AdapterMerging.merge(List.of(first, second), List.of(1.0, 1.0), MergeMethod.cat())
                .config()
                .aloraInvocationTokens())
        .containsExactly(5, 6);
    assertThatThrownBy(
            () ->
                AdapterMerging.merge(
                    List.of(first, random(2, 2, 3)), List.of(1.0, 1.0), MergeMethod.cat()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("[5, 6]");
  }

  @Test
  void refusesAdaptersOfDifferentWidthsByTheMap() {
    assertThatThrownBy(
            () ->
                AdapterMerging.merge(
                    List.of(golden("llama-gqa"), random(2, 2, 1)),
                    List.of(1.0, 1.0),
                    MergeMethod.cat()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("layers.0.self_attn.v_proj")
        .hasMessageContaining("number 2");
  }

  @Test
  void refusesDifferentRanksOnlyWhereFactorsAreSummed() {
    assertThatThrownBy(() -> AdapterMerging.merge(THREE, WEIGHTS, MergeMethod.linear()))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("[2, 3, 1]")
        .hasMessageContaining("'cat'");
  }

  @Test
  void refusesWeightsThatAreNotOneAnAdapter() {
    assertThatThrownBy(() -> AdapterMerging.merge(THREE, List.of(1.0, 2.0), MergeMethod.cat()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 adapters and 2 weights");
    assertThatThrownBy(
            () -> AdapterMerging.merge(THREE, List.of(1.0, Double.NaN, 1.0), MergeMethod.cat()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("finite");
    assertThatThrownBy(() -> AdapterMerging.merge(List.of(), List.of(), MergeMethod.cat()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no adapter");
  }

  @Test
  void refusesDensitiesAndRanksOutOfRange() {
    assertThatThrownBy(() -> MergeMethod.ties(0, 4)).hasMessageContaining("density");
    assertThatThrownBy(() -> MergeMethod.dareLinear(1.01, 4, 1)).hasMessageContaining("1.01");
    assertThatThrownBy(() -> MergeMethod.svd(0)).hasMessageContaining("rank");
  }
}
