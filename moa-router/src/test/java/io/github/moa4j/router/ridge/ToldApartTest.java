package io.github.moa4j.router.ridge;

import static io.github.moa4j.router.SyntheticDomains.ALL_STATES;
import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.HIDDEN_SIZE;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.withTokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.GeneralStatistics;
import io.github.moa4j.router.statistics.GramRegression;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ridge router of domains that have learnt to tell their prompts from text of no domain. */
class ToldApartTest {

  private static final List<String> DOMAINS = List.of("sql", "shell", "math", "cron");
  private static final List<String> KINDS = List.of("talk", "prose");
  private static final RidgeSettings SETTINGS = RidgeSettings.defaults();

  @TempDir Path folder;

  private static List<PromptStates> drawn(String domain) {
    return withTokens(domain, prompts(domain, 80, 1));
  }

  private static DomainStatistics statistics(String domain) {
    DomainStatistics statistics =
        DomainStatistics.empty(domain, Pooling.MEAN, ALL_STATES, HIDDEN_SIZE);
    statistics.add(drawn(domain));
    return statistics;
  }

  private static DomainStatistics toldApart(String domain) {
    DomainStatistics statistics = statistics(domain);
    statistics.tellApart(tokens(Stream.of(domain)), tokens(KINDS.stream()), List.of());
    return statistics;
  }

  private static List<int[]> tokens(Stream<String> domains) {
    return domains.flatMap(domain -> drawn(domain).stream()).map(PromptStates::tokens).toList();
  }

  private static List<DomainStatistics> withKinds(Stream<DomainStatistics> domains) {
    List<DomainStatistics> kinds = KINDS.stream().map(ToldApartTest::statistics).toList();
    return Stream.concat(domains, GeneralStatistics.of(kinds).kinds().stream()).toList();
  }

  private static List<DomainStatistics> all() {
    return withKinds(DOMAINS.stream().map(ToldApartTest::toldApart));
  }

  private static RidgeRouter router() {
    return RidgeRouter.fit(all(), SETTINGS);
  }

  @Test
  void leavesAloneWhatOnlyItsStatesTakeForADomain() {
    RidgeRouter router = router();
    RidgeRouter untold =
        RidgeRouter.fit(withKinds(DOMAINS.stream().map(ToldApartTest::statistics)), SETTINGS);
    double told = 0;
    double before = 0;
    for (PromptStates text : withTokens("talk", prompts("math", 20, 3))) {
      told += router.route(text).noneOfThese();
      before += untold.route(text).noneOfThese();
    }
    assertThat(told).isGreaterThan(before);
    for (PromptStates prompt : withTokens("math", prompts("math", 20, 3))) {
      assertThat(router.route(prompt).chosen()).contains("math");
    }
  }

  @Test
  void aDomainThatIsNotToldApartLeavesTheRouterAsItWas() {
    Stream<DomainStatistics> mixed =
        DOMAINS.stream()
            .map(domain -> domain.equals("cron") ? statistics(domain) : toldApart(domain));
    RidgeRouter router = RidgeRouter.fit(withKinds(mixed), SETTINGS);
    RidgeRouter untold =
        RidgeRouter.fit(withKinds(DOMAINS.stream().map(ToldApartTest::statistics)), SETTINGS);
    for (PromptStates prompt : withTokens("sql", prompts("sql", 20, 3))) {
      assertThat(router.route(prompt)).isEqualTo(untold.route(prompt));
    }
    // without that domain all are told apart
    Set<String> rest = Set.of("sql", "shell", "math");
    PromptStates prompt = withTokens("sql", prompts("sql", 1, 3)).get(0);
    assertThat(router.usingDomains(rest).route(prompt).probabilities())
        .containsOnlyKeys("sql", "shell", "math", RouterDomains.NONE_OF_THESE)
        .isNotEqualTo(untold.usingDomains(rest).route(prompt).probabilities());
  }

  @Test
  void comesBackFromStatisticsAndSumsBitByBit() {
    List<DomainStatistics> read = new ArrayList<>();
    RidgeSums sums = new RidgeSums();
    for (DomainStatistics domain : all()) {
      sums.add(domain);
      if (!domain.domain().equals(RouterDomains.NONE_OF_THESE)) {
        Path file = folder.resolve(domain.domain() + ".safetensors");
        domain.write(file, BASE);
        read.add(DomainStatistics.read(file, BASE));
      }
    }
    Path file = folder.resolve("sums.safetensors");
    sums.write(file, BASE);
    PromptStates prompt = withTokens("talk", prompts("sql", 1, 4)).get(0);
    assertThat(RidgeRouter.fit(withKinds(read.stream()), SETTINGS).route(prompt))
        .isEqualTo(router().route(prompt));
    assertThat(RidgeSums.read(file, BASE).router(SETTINGS).route(prompt))
        .isEqualTo(router().route(prompt));
  }

  @Test
  void comesBackFromItsFilesBitByBit() {
    RidgeRouter ridge = router();
    new StoredRouters(LayerwiseRouter.of(ridge.domains(), ridge.pooling(), ridge.layers()), ridge)
        .write(folder, BASE);
    Router again = StoredRouters.read(folder, RouterKind.RIDGE, BASE);
    for (PromptStates prompt : withTokens("talk", prompts("sql", 10, 4))) {
      assertThat(again.route(prompt)).isEqualTo(ridge.route(prompt));
    }
  }

  @Test
  void learnsNothingWhereTheTokensOfPromptsAreNotKnown() {
    DomainStatistics statistics = statistics("sql");
    statistics.add(prompts("sql", 10, 5));
    statistics.tellApart(tokens(Stream.of("sql")), tokens(KINDS.stream()), List.of());
    assertThat(statistics.regression()).isEmpty();
    DomainStatistics later = toldApart("sql");
    later.add(prompts("sql", 10, 5));
    assertThat(later.regression()).as("of some prompts only").isEmpty();
  }

  @Test
  void refusesAnotherNumberOfRegressions() {
    List<Optional<GramRegression>> one = List.of(Optional.empty());
    assertThatThrownBy(() -> router().tokens().orElseThrow().tellingApart(one))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("as many regressions");
  }
}
