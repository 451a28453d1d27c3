package io.github.moa4j.router.statistics;

import static io.github.moa4j.router.RouterDomains.NONE_OF_THESE;
import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneralStatisticsTest {

  @TempDir Path directory;

  @Test
  void kindsHaveTheirOwnMeansAndOneScatter() {
    DomainStatistics talk = statistics("talk", 20);
    DomainStatistics prose = statistics("prose", 60);
    List<DomainStatistics> kinds = GeneralStatistics.of(List.of(talk, prose)).kinds();
    assertThat(kinds).allMatch(kind -> kind.domain().equals(NONE_OF_THESE));
    assertThat(kinds.get(0).mean(1)).containsExactly(talk.mean(1), within(1e-9));
    assertThat(kinds.get(1).mean(1)).containsExactly(prose.mean(1), within(1e-9));
    assertThat(kinds.get(0).packedScatter(1)).isSameAs(kinds.get(1).packedScatter(1));
    float[] scatter = kinds.get(0).packedScatter(1);
    assertThat(scatter[0]).isEqualTo(talk.packedScatter(1)[0] + prose.packedScatter(1)[0]);
    assertThat(kinds.get(0).count()).isEqualTo(talk.count() + prose.count());
  }

  @Test
  void comeBackBitByBit() {
    GeneralStatistics written =
        GeneralStatistics.of(List.of(statistics("talk", 20), statistics("prose", 60)));
    Path file = directory.resolve("general.safetensors");
    written.write(file, BASE);
    List<DomainStatistics> read = GeneralStatistics.read(file, BASE).kinds();
    assertThat(read).hasSize(2);
    for (int kind = 0; kind < 2; kind++) {
      DomainStatistics before = written.kinds().get(kind);
      DomainStatistics after = read.get(kind);
      assertThat(after.count()).isEqualTo(before.count());
      assertThat(after.states()).isEqualTo(before.states());
      for (int i = 0; i < before.states().size(); i++) {
        assertThat(after.mean(i)).containsExactly(before.mean(i));
        assertThat(after.packedScatter(i)).containsExactly(before.packedScatter(i));
        assertThat(after.heldOut(i)).isDeepEqualTo(before.heldOut(i));
      }
    }
  }

  @Test
  void whatEarlierMixturesStoreIsOneKind() {
    DomainStatistics stored = statistics(NONE_OF_THESE, 20);
    Path file = directory.resolve("general.safetensors");
    stored.write(file, BASE);
    List<DomainStatistics> kinds = GeneralStatistics.read(file, BASE).kinds();
    assertThat(kinds).hasSize(1);
    assertThat(kinds.get(0).count()).isEqualTo(stored.count());
    assertThatThrownBy(() -> GeneralStatistics.read(file, "another base"))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void oneKindCannotBeOnBothSidesOfADomainTwoCan() {
    assertThat(accepted(List.of(around(-3), around(3)), false)).isGreaterThan(0.15);
    assertThat(accepted(List.of(around(-3), around(3)), true)).isLessThan(0.02);
  }

  /** The share of texts on both sides of the domains that one of these answers. */
  private static double accepted(List<List<PromptStates>> general, boolean apart) {
    RidgeRouter router = router(general, apart).withAbstentionThreshold(0.5);
    for (PromptStates prompt : around(0)) {
      assertThat(router.route(prompt).mostProbable()).isEqualTo("middle");
    }
    List<RoutingDecision> all = general.stream().flatMap(List::stream).map(router::route).toList();
    return all.stream().filter(d -> d.chosen().isPresent()).count() / (double) all.size();
  }

  private static RidgeRouter router(List<List<PromptStates>> general, boolean apart) {
    List<List<PromptStates>> kinds =
        apart ? general : List.of(general.stream().flatMap(List::stream).toList());
    List<DomainStatistics> all = new ArrayList<>();
    all.add(line("middle", around(0)));
    all.addAll(
        GeneralStatistics.of(kinds.stream().map(kind -> line("kind", kind)).toList()).kinds());
    all.add(line("far", around(9)));
    return RidgeRouter.fit(all, RidgeSettings.defaults());
  }

  private static DomainStatistics line(String name, List<PromptStates> prompts) {
    DomainStatistics statistics = DomainStatistics.empty(name, Pooling.MEAN, List.of(0), 2);
    statistics.add(prompts);
    return statistics;
  }

  private static List<PromptStates> around(double centre) {
    SplittableRandom random = new SplittableRandom(5);
    return IntStream.range(0, 100)
        .mapToObj(
            i -> {
              float x = (float) (centre + 0.3 * random.nextGaussian());
              float[][] state = {{x, (float) random.nextGaussian()}};
              return new PromptStates(state, state);
            })
        .toList();
  }

  @Test
  void aRouterOfSeveralKindsNamesThemAsOneAndComesBack() {
    List<DomainStatistics> all = new ArrayList<>(List.of(statistics("sql", 40)));
    all.addAll(
        GeneralStatistics.of(List.of(statistics("talk", 40), statistics("prose", 40))).kinds());
    all.add(statistics("math", 40));
    RidgeRouter ridge = RidgeRouter.fit(all, RidgeSettings.defaults());
    assertThat(ridge.domains()).containsExactly("sql", NONE_OF_THESE, "math");
    StoredRouters pair =
        new StoredRouters(
            LayerwiseRouter.of(ridge.domains(), ridge.pooling(), ridge.layers()), ridge);
    pair.write(directory, BASE);
    Router ridgeRead = StoredRouters.read(directory, RouterKind.RIDGE, BASE);
    Router layerwiseRead = StoredRouters.read(directory, RouterKind.LAYERWISE, BASE);
    for (PromptStates prompt : prompts("prose", 10, 3)) {
      RoutingDecision decision = ridge.route(prompt);
      assertThat(decision.probabilities().keySet()).containsExactly("sql", NONE_OF_THESE, "math");
      assertThat(decision.probabilities().get(NONE_OF_THESE)).isGreaterThan(0.5);
      assertThat(ridgeRead.route(prompt)).isEqualTo(decision);
      assertThat(layerwiseRead.route(prompt)).isEqualTo(pair.layerwise().route(prompt));
      RidgeRouter some = ridge.usingDomains(Set.of("math"));
      assertThat(some.domains()).containsExactly(NONE_OF_THESE, "math");
      assertThat(some.route(prompt).probabilities().get(NONE_OF_THESE)).isGreaterThan(0.5);
    }
    assertThat(ridge.layers().get(0).numDomains()).isEqualTo(4);
  }
}
