package io.github.moa4j.training.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayerwiseRouterTrainerTest {

  private static final int NUM_STATES = 3;
  private static final int WIDTH = 16;
  private static final List<String> DOMAINS = List.of("sql", "shell", "math", "cron");
  private static final LayerwiseRouterSettings SETTINGS =
      LayerwiseRouterSettings.defaults().withPooling(Pooling.MEAN);

  /** Next to no decay: what the gradient alone does. */
  private static final LayerwiseRouterSettings FREE =
      new LayerwiseRouterSettings(
          Optional.of(Pooling.MEAN), List.of(), 100, 0.003, 0.01, 30, 512, 0);

  @Test
  void learnsToTellDomainsApartOnUnseenPrompts() {
    LayerwiseRouter router = new LayerwiseRouterTrainer(SETTINGS).train(prompts(DOMAINS, 80, 1));
    assertThat(router.domains()).isEqualTo(DOMAINS);
    assertThat(router.states()).containsExactly(0, 1, 2);
    assertThat(accuracy(router, prompts(DOMAINS, 60, 2))).isGreaterThan(0.98);
  }

  @Test
  void stepsLowerTheHeldOutLossOfEveryLayer() {
    Map<Integer, List<RouterTrainingProgress>> layers = new LinkedHashMap<>();
    new LayerwiseRouterTrainer(
            FREE, step -> layers.computeIfAbsent(step.state(), s -> new ArrayList<>()).add(step))
        .train(prompts(DOMAINS, 80, 1));
    assertThat(layers).containsOnlyKeys(0, 1, 2);
    layers
        .values()
        .forEach(
            steps -> {
              RouterTrainingProgress first = steps.get(0);
              RouterTrainingProgress last = steps.get(steps.size() - 1);
              assertThat(last.loss()).isLessThan(first.loss());
              assertThat(last.heldOutLoss()).isLessThan(first.heldOutLoss());
              assertThat(last.layers()).isEqualTo(3);
            });
  }

  @Test
  void theSameSeedGivesTheSameRouter() {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(SETTINGS.withSeed(7));
    LayerwiseRouter one = trainer.train(statistics(DOMAINS, 60), prompts(List.of("log"), 60, 1));
    LayerwiseRouter other = trainer.train(statistics(DOMAINS, 60), prompts(List.of("log"), 60, 1));
    for (int i = 0; i < NUM_STATES; i++) {
      assertThat(other.layers().get(i).weights()).containsExactly(one.layers().get(i).weights());
      assertThat(other.layers().get(i).bias()).containsExactly(one.layers().get(i).bias());
    }
  }

  @Test
  void learnsANewDomainWithoutTheOldDomainsPrompts() {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(SETTINGS);
    List<String> old = DOMAINS.subList(0, 3);
    double before = accuracy(trainer.train(prompts(old, 80, 1)), prompts(old, 60, 2));
    LayerwiseRouter grown = trainer.train(statistics(old, 80), prompts(List.of("cron"), 80, 1));
    assertThat(grown.domains()).isEqualTo(DOMAINS);
    assertThat(accuracy(grown, prompts(List.of("cron"), 60, 2))).isGreaterThan(0.98);
    assertThat(accuracy(grown, prompts(old, 60, 2))).isGreaterThan(before - 0.02);
  }

  @Test
  void forgetsARemovedDomainFromStatisticsAlone() {
    List<String> rest = List.of("sql", "math", "cron");
    LayerwiseRouter router = new LayerwiseRouterTrainer(SETTINGS).train(statistics(rest, 80));
    assertThat(router.domains()).isEqualTo(rest);
    assertThat(accuracy(router, prompts(rest, 60, 2))).isGreaterThan(0.98);
  }

  @Test
  void readsTheMeanAndTheLastTokenSideBySide() {
    LayerwiseRouter router =
        new LayerwiseRouterTrainer(SETTINGS.withPooling(Pooling.MEAN_AND_LAST))
            .train(prompts(DOMAINS, 80, 1));
    assertThat(router.layers()).allMatch(layer -> layer.width() == 2 * WIDTH);
    assertThat(accuracy(router, prompts(DOMAINS, 60, 2))).isGreaterThan(0.98);
  }

  @Test
  void poolsAsTheWidthAffordsUnlessToldOtherwise() {
    LayerwiseRouterSettings settings = LayerwiseRouterSettings.defaults();
    assertThat(settings.pooling(2048)).isEqualTo(Pooling.MEAN_AND_LAST);
    assertThat(settings.pooling(4096)).isEqualTo(Pooling.MEAN);
    assertThat(settings.withPooling(Pooling.LAST).pooling(4096)).isEqualTo(Pooling.LAST);
    assertThat(new LayerwiseRouterTrainer(settings).train(statistics(DOMAINS, 20)).pooling())
        .isEqualTo(Pooling.MEAN);
  }

  @Test
  void refusesDomainsOfDifferentPoolings() {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(LayerwiseRouterSettings.defaults());
    assertThatThrownBy(
            () -> trainer.train(statistics(List.of("sql"), 20), prompts(List.of("math"), 20, 1)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'math' MEAN_AND_LAST-pooled");
  }

  @Test
  void readsOnlyTheStatesOfTheSettings() {
    LayerwiseRouter router =
        new LayerwiseRouterTrainer(SETTINGS.withStates(List.of(1, 2)))
            .train(prompts(DOMAINS, 40, 1));
    assertThat(router.states()).containsExactly(1, 2);
  }

  @Test
  void aConstantStateSaysNothingUnderLastTokenPooling() {
    LayerwiseRouter router =
        new LayerwiseRouterTrainer(SETTINGS.withPooling(Pooling.LAST))
            .train(prompts(DOMAINS, 60, 1));
    RoutingDecision decision = router.route(prompts(List.of("sql"), 1, 3).get("sql").get(0));
    assertThat(decision.votes().get(0).probabilities().values())
        .allSatisfy(p -> assertThat(p).isBetween(0.2, 0.3));
    assertThat(accuracy(router, prompts(DOMAINS, 40, 2))).isGreaterThan(0.98);
  }

  @Test
  void trainsOnAHandfulOfPromptsWithoutAHeldOutSlice() {
    LayerwiseRouter router = new LayerwiseRouterTrainer(SETTINGS).train(prompts(DOMAINS, 5, 1));
    assertThat(accuracy(router, prompts(DOMAINS, 20, 2))).isGreaterThan(0.5);
  }

  @Test
  void refusesNoDomains() {
    assertThatThrownBy(() -> new LayerwiseRouterTrainer(SETTINGS).train(Map.of()))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("at least one domain");
  }

  @Test
  void refusesADomainWithoutPrompts() {
    assertThatThrownBy(() -> new LayerwiseRouterTrainer(SETTINGS).train(Map.of("sql", List.of())))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'sql'");
  }

  @Test
  void refusesADomainBothRememberedAndGiven() {
    assertThatThrownBy(
            () ->
                new LayerwiseRouterTrainer(SETTINGS)
                    .train(statistics(List.of("sql"), 20), prompts(List.of("sql"), 20, 1)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void refusesStatisticsOfAnotherPooling() {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(SETTINGS.withPooling(Pooling.LAST));
    assertThatThrownBy(() -> trainer.train(statistics(DOMAINS, 20)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("'sql'")
        .hasMessageContaining("MEAN");
  }

  @Test
  void refusesAStateThatADomainDoesNotHave() {
    LayerwiseRouterTrainer trainer = new LayerwiseRouterTrainer(SETTINGS.withStates(List.of(0, 5)));
    assertThatThrownBy(() -> trainer.train(prompts(DOMAINS, 20, 1)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("[0, 5]");
  }

  @Test
  void refusesPromptsOfTwoBases() {
    Map<String, List<PromptStates>> mixed = prompts(List.of("sql"), 20, 1);
    mixed.put("math", List.of(new PromptStates(new float[3][5], new float[3][5])));
    assertThatThrownBy(() -> new LayerwiseRouterTrainer(SETTINGS).train(mixed))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("width 5");
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatThrownBy(
            () -> new LayerwiseRouterSettings(Optional.empty(), List.of(), 0, 0.01, 0, 1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxSteps");
    assertThatThrownBy(() -> SETTINGS.withStates(List.of(2, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ascend");
  }

  private static Map<String, List<PromptStates>> prompts(
      List<String> domains, int count, long seed) {
    Map<String, List<PromptStates>> prompts = new LinkedHashMap<>();
    for (String domain : domains) {
      SplittableRandom random = new SplittableRandom(seed * 7919 + domain.hashCode());
      List<PromptStates> states = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        float[][] mean = new float[NUM_STATES][WIDTH];
        float[][] last = new float[NUM_STATES][WIDTH];
        for (int state = 0; state < NUM_STATES; state++) {
          SplittableRandom centre = new SplittableRandom(domain.hashCode() * 31L + state);
          for (int j = 0; j < WIDTH; j++) {
            mean[state][j] = (float) (2 * centre.nextGaussian() + random.nextGaussian());
            last[state][j] = state == 0 ? j : mean[state][j];
          }
        }
        states.add(new PromptStates(mean, last));
      }
      prompts.put(domain, states);
    }
    return prompts;
  }

  private static List<DomainStatistics> statistics(List<String> domains, int count) {
    List<DomainStatistics> statistics = new ArrayList<>();
    prompts(domains, count, 1)
        .forEach(
            (domain, states) -> {
              DomainStatistics known =
                  DomainStatistics.empty(domain, Pooling.MEAN, List.of(0, 1, 2), WIDTH);
              known.add(states);
              statistics.add(known);
            });
    return statistics;
  }

  private static double accuracy(Router router, Map<String, List<PromptStates>> labelled) {
    int right = 0;
    int all = 0;
    for (Map.Entry<String, List<PromptStates>> domain : labelled.entrySet()) {
      for (PromptStates prompt : domain.getValue()) {
        right += router.route(prompt).mostProbable().equals(domain.getKey()) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }
}
