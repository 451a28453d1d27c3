package io.github.moa4j.router.ridge;

import static io.github.moa4j.router.SyntheticDomains.ALL_STATES;
import static io.github.moa4j.router.SyntheticDomains.BASE;
import static io.github.moa4j.router.SyntheticDomains.HIDDEN_SIZE;
import static io.github.moa4j.router.SyntheticDomains.accuracy;
import static io.github.moa4j.router.SyntheticDomains.prompts;
import static io.github.moa4j.router.SyntheticDomains.statistics;
import static io.github.moa4j.router.SyntheticDomains.unseen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Abstention;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RouterSuite;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RidgeRouterTest extends RouterSuite {

  private static final List<String> DOMAINS = List.of("sql", "shell", "math", "cron");
  private static final RidgeSettings SETTINGS = RidgeSettings.defaults();

  @Override
  protected RidgeRouter router() {
    return RidgeRouter.fit(statistics(DOMAINS, 80), SETTINGS);
  }

  @Override
  protected Router withThreshold(double threshold) {
    return router().withAbstentionThreshold(threshold);
  }

  @Override
  protected Router again(Path folder) {
    RidgeRouter ridge = router();
    LayerwiseRouter layerwise =
        LayerwiseRouter.of(ridge.domains(), ridge.pooling(), ridge.layers());
    new StoredRouters(layerwise, ridge).write(folder, BASE);
    return StoredRouters.read(folder, RouterKind.RIDGE, BASE);
  }

  @Test
  void recognisesDomainsOnUnseenPrompts() {
    RidgeRouter router = RidgeRouter.fit(statistics(DOMAINS, 80), SETTINGS);
    assertThat(router.domains()).isEqualTo(DOMAINS);
    assertThat(accuracy(router, unseen(DOMAINS, 50))).isGreaterThan(0.99);
  }

  @Test
  void aDomainMayAskForMoreThanTheOthers() {
    RidgeRouter free = router();
    PromptStates sql = prompts("sql", 1, 9).get(0);
    PromptStates math = prompts("math", 1, 9).get(0);
    RidgeRouter strict = free.withAbstentionThresholds(0.1, Map.of("sql", 1.0, "poetry", 0.9));
    assertThat(strict.abstentionThresholds()).as("of its own domains").containsOnlyKeys("sql");
    assertThat(strict.route(sql).chosen()).isEmpty();
    assertThat(strict.route(sql).abstention()).contains(Abstention.UNSURE);
    assertThat(strict.route(sql).probabilities()).isEqualTo(free.route(sql).probabilities());
    assertThat(strict.route(math)).isEqualTo(free.route(math));

    assertThat(strict.usingDomains(Set.of("sql", "math")).route(sql).chosen()).isEmpty();
    assertThat(strict.usingDomains(Set.of("math")).abstentionThresholds())
        .as("who does not see a domain sees nothing of its threshold")
        .isEmpty();
    assertThat(strict.usingFirstStates(2).route(sql).chosen()).isEmpty();
    assertThat(strict.withEarlyExit(new EarlyExit(1, 0.5)).early().orElseThrow().route(sql))
        .as("early, no domain asks for less than late")
        .extracting(RoutingDecision::abstention)
        .isEqualTo(Optional.of(Abstention.UNSURE));
    assertThat(strict.withAbstentionThreshold(0.1).route(sql).chosen()).contains("sql");
    assertThatThrownBy(() -> free.withAbstentionThresholds(0.1, Map.of("sql", 1.1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decidesEarlyWhatItsFirstStatesAreSureOf() {
    RidgeRouter whole = router().withAbstentionThreshold(0.3);
    assertThat(whole.early()).isEmpty();
    RidgeRouter exiting = whole.withEarlyExit(new EarlyExit(1, 0.9));
    PromptStates prompt = prompts("sql", 1, 9).get(0);

    assertThat(exiting.early().orElseThrow().route(prompt))
        .isEqualTo(whole.usingFirstStates(1).withAbstentionThreshold(0.9).route(prompt));
    assertThat(exiting.route(prompt)).isEqualTo(whole.route(prompt));
    assertThat(exiting.usingDomains(Set.of("sql", "math")).early().orElseThrow().domains())
        .containsExactly("sql", "math");
    assertThat(exiting.usingFirstStates(2).early()).isEmpty();
    assertThatThrownBy(() -> whole.withEarlyExit(new EarlyExit(whole.states().size(), 0.9)))
        .isInstanceOf(RouterException.class);
    assertThatThrownBy(() -> new EarlyExit(0, 0.9)).isInstanceOf(RouterException.class);
    assertThatThrownBy(() -> new EarlyExit(1, Double.NaN)).isInstanceOf(RouterException.class);
  }

  @Test
  void closedFormEqualsADirectSolveInDoublePrecision() {
    int[] counts = {40, 90, 25, 60}; // unequal: every domain weighs the same all the same
    List<DomainStatistics> statistics = new ArrayList<>();
    List<List<PromptStates>> counted = new ArrayList<>();
    for (int k = 0; k < counts.length; k++) {
      statistics.add(statistics(DOMAINS.get(k), counts[k]));
      counted.add(withoutHeldOut(prompts(DOMAINS.get(k), counts[k], 1)));
    }
    RidgeRouter router = RidgeRouter.fit(statistics, SETTINGS);
    PromptStates prompt = prompts("sql", 1, 9).get(0);
    for (int state : ALL_STATES) {
      double[] direct = DirectRidge.scores(counted, state, SETTINGS.regularization(), prompt);
      double[] closedForm = router.layers().get(state).scores(prompt.mean()[state]);
      assertThat(closedForm).containsExactly(direct, within(1e-4));
    }
  }

  private static List<PromptStates> withoutHeldOut(List<PromptStates> prompts) {
    List<PromptStates> counted = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      if (!DomainStatistics.holdsOut(i)) {
        counted.add(prompts.get(i));
      }
    }
    return counted;
  }

  @Test
  void addingADomainFromStatisticsEqualsFittingAllAtOnce() {
    List<DomainStatistics> growing = new ArrayList<>(statistics(DOMAINS.subList(0, 3), 60));
    RidgeRouter before = RidgeRouter.fit(growing, SETTINGS);
    growing.add(statistics("cron", 60));
    RidgeRouter grown = RidgeRouter.fit(growing, SETTINGS);
    assertThat(before.domains()).doesNotContain("cron");
    assertSameRouter(grown, RidgeRouter.fit(statistics(DOMAINS, 60), SETTINGS));
  }

  @Test
  void removingADomainEqualsNeverHavingKnownIt() {
    List<DomainStatistics> shrinking = new ArrayList<>(statistics(DOMAINS, 60));
    RidgeRouter.fit(shrinking, SETTINGS);
    shrinking.removeIf(domain -> domain.domain().equals("shell"));
    assertSameRouter(
        RidgeRouter.fit(shrinking, SETTINGS),
        RidgeRouter.fit(statistics(List.of("sql", "math", "cron"), 60), SETTINGS));
  }

  @Test
  void ignoresAStateThatNeverChanges() {
    List<DomainStatistics> statistics = new ArrayList<>();
    for (String domain : DOMAINS) {
      DomainStatistics last = DomainStatistics.empty(domain, Pooling.LAST, ALL_STATES, HIDDEN_SIZE);
      last.add(prompts(domain, 80, 1));
      statistics.add(last);
    }
    RidgeRouter router = RidgeRouter.fit(statistics, SETTINGS);
    RoutingDecision decision = router.route(prompts("math", 1, 5).get(0));
    assertThat(decision.votes().get(0).probabilities().values())
        .allSatisfy(p -> assertThat(p).isCloseTo(0.25, within(1e-6)));
    assertThat(accuracy(router, unseen(DOMAINS, 30))).isGreaterThan(0.99);
  }

  @Test
  void readsTheMeanAndTheLastTokenSideBySide() {
    List<DomainStatistics> both = new ArrayList<>();
    for (String domain : DOMAINS) {
      DomainStatistics moments =
          DomainStatistics.empty(domain, Pooling.MEAN_AND_LAST, ALL_STATES, HIDDEN_SIZE);
      moments.add(prompts(domain, 80, 1));
      both.add(moments);
    }
    RidgeRouter router = RidgeRouter.fit(both, SETTINGS);
    PromptStates prompt = prompts("sql", 1, 9).get(0);
    assertThat(Pooling.MEAN_AND_LAST.of(prompt, 1))
        .hasSize(2 * HIDDEN_SIZE)
        .startsWith(prompt.mean()[1])
        .endsWith(prompt.last()[1]);
    assertThat(router.layers()).allMatch(layer -> layer.width() == 2 * HIDDEN_SIZE);
    assertThat(accuracy(router, unseen(DOMAINS, 50))).isGreaterThan(0.99);
  }

  @Test
  void isOnlySureWhereTheStatesAgree() {
    RidgeRouter router = RidgeRouter.fit(statistics(DOMAINS, 80), SETTINGS);
    PromptStates sql = prompts("sql", 1, 5).get(0);
    PromptStates math = prompts("math", 1, 5).get(0);
    float[][] mixed = sql.mean().clone();
    mixed[1] = math.mean()[1];
    assertThat(router.route(sql).confidence()).isGreaterThan(0.9);
    assertThat(router.route(new PromptStates(mixed, mixed)).confidence()).isLessThan(0.7);
  }

  @Test
  void abstainsBelowItsThresholdAndStillTellsTheMostProbableDomain() {
    RidgeRouter router =
        RidgeRouter.fit(statistics(DOMAINS, 80), SETTINGS).withAbstentionThreshold(0.7);
    RoutingDecision sure = router.route(prompts("cron", 1, 5).get(0));
    RoutingDecision unsure = router.route(between("cron", "sql"));
    assertThat(sure.chosen()).contains("cron");
    assertThat(unsure.confidence()).isLessThan(0.7);
    assertThat(unsure.chosen()).isEmpty();
    assertThat(unsure.decide(0).chosen()).contains(unsure.mostProbable());
  }

  private static PromptStates between(String one, String other) {
    PromptStates a = prompts(one, 1, 5).get(0);
    PromptStates b = prompts(other, 1, 5).get(0);
    float[][] middle = new float[a.numStates()][a.hiddenSize()];
    for (int s = 0; s < a.numStates(); s++) {
      for (int j = 0; j < a.hiddenSize(); j++) {
        middle[s][j] = (a.mean()[s][j] + b.mean()[s][j]) / 2;
      }
    }
    return new PromptStates(middle, middle);
  }

  @Test
  void votesOfTheStatesComeInOrderAndSumToOne() {
    RidgeRouter router = RidgeRouter.fit(statistics(DOMAINS, 40), SETTINGS);
    RoutingDecision decision = router.route(prompts("sql", 1, 5).get(0));
    assertThat(decision.votes().stream().map(StateVote::state)).containsExactly(0, 1, 2);
    assertThat(decision.votes().stream().map(StateVote::domain)).containsOnly("sql");
    assertThat(decision.probabilities().values().stream().mapToDouble(p -> p).sum())
        .isCloseTo(1, within(1e-12));
    assertThat(decision.probabilities().keySet()).containsExactlyElementsOf(DOMAINS);
  }

  @Test
  void withoutHeldOutPromptsTheTemperatureIsADefault() {
    assertThat(RidgeRouter.fit(statistics(DOMAINS, 7), SETTINGS).temperature()).isEqualTo(0.1);
  }

  @Test
  void aSingleDomainIsAlwaysChosen() {
    RidgeRouter router = RidgeRouter.fit(statistics(List.of("sql"), 20), SETTINGS);
    assertThat(router.route(prompts("math", 1, 1).get(0)).chosen()).contains("sql");
  }

  @Test
  void refusesSettingsOutOfBounds() {
    RidgeRouter router = router();
    for (double value : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(
              () ->
                  RidgeRouter.of(
                      router.domains(), router.pooling(), router.layers(), SETTINGS, value))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("above 0 and finite");
      assertThatThrownBy(() -> new RidgeSettings(value, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("above 0 and finite");
    }
  }

  @Test
  void refusesNoDomains() {
    assertThatThrownBy(() -> RidgeRouter.fit(List.of(), SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("at least one domain");
  }

  @Test
  void refusesADomainWithoutPrompts() {
    List<DomainStatistics> statistics = List.of(statistics("sql", 9), statistics("math", 0));
    assertThatThrownBy(() -> RidgeRouter.fit(statistics, SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'math'")
        .hasMessageContaining("no prompts");
  }

  @Test
  void refusesADomainGivenTwice() {
    assertThatThrownBy(
            () -> RidgeRouter.fit(Collections.nCopies(2, statistics("sql", 9)), SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'sql'")
        .hasMessageContaining("twice");
  }

  @Test
  void refusesStatisticsOfDifferentSettings() {
    DomainStatistics other =
        DomainStatistics.empty("math", Pooling.LAST, List.of(1, 2), HIDDEN_SIZE);
    other.add(prompts("math", 9, 1));
    assertThatThrownBy(() -> RidgeRouter.fit(List.of(statistics("sql", 9), other), SETTINGS))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'math' hold last-pooled states [1, 2]");
  }

  private static void assertSameRouter(RidgeRouter actual, RidgeRouter expected) {
    assertThat(actual.domains()).isEqualTo(expected.domains());
    assertThat(actual.temperature()).isEqualTo(expected.temperature());
    for (int i = 0; i < expected.states().size(); i++) {
      StateClassifier a = actual.layers().get(i);
      StateClassifier e = expected.layers().get(i);
      assertThat(a.weights()).containsExactly(e.weights());
      assertThat(a.bias()).containsExactly(e.bias());
    }
  }

  @Test
  void aDomainIsAddedToStoredSumsWithoutTheOthersStatistics(@TempDir Path folder) {
    Path file = folder.resolve("sums.safetensors");
    List<DomainStatistics> all = statistics(DOMAINS, 80);
    RidgeSums sums = new RidgeSums();
    all.subList(0, 3).forEach(sums::add);
    sums.write(file, BASE);

    RidgeSums again = RidgeSums.read(file, BASE);
    again.add(all.get(3));

    assertThat(again.domains()).isEqualTo(DOMAINS);
    RidgeRouter router = again.router(SETTINGS);
    RidgeRouter fitted = RidgeRouter.fit(all, SETTINGS);
    assertThat(router.temperature()).isEqualTo(fitted.temperature());
    for (int i = 0; i < ALL_STATES.size(); i++) {
      assertThat(router.layers().get(i).weights()).isEqualTo(fitted.layers().get(i).weights());
      assertThat(router.layers().get(i).bias()).isEqualTo(fitted.layers().get(i).bias());
    }
    assertThatThrownBy(() -> again.add(all.get(3)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> RidgeSums.read(file, "another"))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("sums.safetensors");
    assertThatThrownBy(() -> new RidgeSums().write(file, BASE)).isInstanceOf(RouterException.class);
  }

  @Test
  void statisticsOfADomainAreNoSums(@TempDir Path folder) {
    Path file = folder.resolve("statistics.safetensors");
    statistics(DOMAINS, 80).get(0).write(file, BASE);

    assertThatThrownBy(() -> RidgeSums.read(file, BASE))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("moa4j-ridge-sums");
  }
}
