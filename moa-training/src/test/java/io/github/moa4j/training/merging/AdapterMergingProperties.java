package io.github.moa4j.training.merging;

import static io.github.moa4j.training.merging.SampleAdapters.HIDDEN;
import static io.github.moa4j.training.merging.SampleAdapters.LAYERS;
import static io.github.moa4j.training.merging.SampleAdapters.delta;
import static io.github.moa4j.training.merging.SampleAdapters.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

/** What holds of every merge, on random adapters whose ranks, scalings and targets differ. */
final class AdapterMergingProperties {

  /** Adapters and one weight for each. */
  record Ingredients(List<LoraAdapter> adapters, List<Double> weights) {}

  @Property(tries = 60)
  void catIsTheWeightedSumOfTheDeltas(@ForAll("ingredients") Ingredients of) {
    assertIsWeightedSum(of, MergeMethod.cat());
  }

  @Property(tries = 60)
  void svdOfTheFullRankIsTheWeightedSumOfTheDeltas(@ForAll("ingredients") Ingredients of) {
    assertIsWeightedSum(of, MergeMethod.svd(HIDDEN));
  }

  @Property(tries = 30)
  void dareThatDropsNothingIsTheWeightedSumOfTheDeltas(
      @ForAll("ingredients") Ingredients of, @ForAll long seed) {
    assertIsWeightedSum(of, MergeMethod.dareLinear(1, HIDDEN, seed));
  }

  @Property(tries = 60)
  void tiesIsWhatItsThreeStepsSay(
      @ForAll("ingredients") Ingredients of, @ForAll @DoubleRange(min = 0.05, max = 1) double d) {
    LoraAdapter merged =
        AdapterMerging.merge(of.adapters(), of.weights(), MergeMethod.ties(d, HIDDEN));
    for (Site site : sites(merged)) {
      List<double[]> trimmed = new ArrayList<>();
      for (LoraAdapter adapter : of.adapters()) {
        trimmed.add(trimmed(delta(adapter, site.layer, site.module), d));
      }
      double[] expected = electedMean(trimmed, of.weights());
      assertThat(delta(merged, site.layer, site.module)).containsExactly(expected, within(1e-4));
    }
  }

  @Property(tries = 30)
  void dareWithElectionThatDropsNothingIsTiesThatTrimsNothing(
      @ForAll("ingredients") Ingredients of, @ForAll long seed) {
    LoraAdapter dare =
        AdapterMerging.merge(of.adapters(), of.weights(), MergeMethod.dareTies(1, HIDDEN, seed));
    LoraAdapter ties =
        AdapterMerging.merge(of.adapters(), of.weights(), MergeMethod.ties(1, HIDDEN));
    assertThat(dare.sha256()).isEqualTo(ties.sha256());
  }

  @Property(tries = 30)
  void oneAdapterStaysWhatItIsUnderEveryMethod(@ForAll("configs") LoraConfig config) {
    LoraAdapter adapter = SampleAdapters.random(config, 3);
    for (MergeMethod method :
        List.of(
            MergeMethod.cat(),
            MergeMethod.linear(),
            MergeMethod.svd(HIDDEN),
            MergeMethod.ties(1, HIDDEN),
            MergeMethod.dareLinear(1, HIDDEN, 5),
            MergeMethod.dareTies(1, HIDDEN, 5))) {
      assertIsWeightedSum(new Ingredients(List.of(adapter), List.of(1.0)), method);
    }
  }

  private static void assertIsWeightedSum(Ingredients of, MergeMethod method) {
    LoraAdapter merged = AdapterMerging.merge(of.adapters(), of.weights(), method);
    for (Site site : sites(merged)) {
      assertThat(delta(merged, site.layer, site.module))
          .containsExactly(
              weightedSum(of.adapters(), of.weights(), site.layer, site.module), within(1e-4));
    }
  }

  private record Site(int layer, TargetModule module) {}

  private static List<Site> sites(LoraAdapter adapter) {
    List<Site> sites = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (TargetModule module : adapter.config().targetModules()) {
        sites.add(new Site(layer, module));
      }
    }
    return sites;
  }

  private static double[] trimmed(double[] delta, double density) {
    int kept = Math.max(1, (int) (density * delta.length));
    double threshold =
        DoubleStream.of(delta).map(Math::abs).sorted().toArray()[delta.length - kept];
    return DoubleStream.of(delta).map(v -> Math.abs(v) >= threshold ? v : 0).toArray();
  }

  private static double[] electedMean(List<double[]> deltas, List<Double> weights) {
    double[] mean = new double[deltas.get(0).length];
    for (int i = 0; i < mean.length; i++) {
      int entry = i;
      double sign = deltas.stream().mapToDouble(delta -> delta[entry]).sum() >= 0 ? 1 : -1;
      int count = 0;
      for (int n = 0; n < deltas.size(); n++) {
        if (deltas.get(n)[i] * sign > 0) {
          mean[i] += weights.get(n) * deltas.get(n)[i];
          count++;
        }
      }
      mean[i] /= Math.max(1, count);
    }
    return mean;
  }

  @Provide
  Arbitrary<Ingredients> ingredients() {
    Arbitrary<LoraAdapter> adapter =
        Combinators.combine(configs(), Arbitraries.longs()).as(SampleAdapters::random);
    return adapter
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .flatMap(
            adapters ->
                Arbitraries.doubles()
                    .between(-2, 2)
                    .list()
                    .ofSize(adapters.size())
                    .map(weights -> new Ingredients(adapters, weights)));
  }

  @Provide
  Arbitrary<LoraConfig> configs() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 4),
            Arbitraries.doubles().between(0.5, 8),
            Arbitraries.of(true, false),
            Arbitraries.of(
                EnumSet.of(TargetModule.V_PROJ, TargetModule.UP_PROJ),
                EnumSet.of(TargetModule.UP_PROJ),
                EnumSet.of(TargetModule.Q_PROJ, TargetModule.UP_PROJ)))
        .as(
            (rank, alpha, rslora, targets) ->
                new LoraConfig(
                    rank,
                    alpha,
                    rslora,
                    0.1,
                    targets,
                    patterns(targets, rank),
                    Map.of(),
                    List.of()));
  }

  private static Map<String, Integer> patterns(EnumSet<TargetModule> targets, int rank) {
    return targets.contains(TargetModule.Q_PROJ) ? Map.of("q_proj", rank + 1) : Map.of();
  }
}
