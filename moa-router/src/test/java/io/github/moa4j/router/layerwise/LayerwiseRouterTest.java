package io.github.moa4j.router.layerwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RouterSuite;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.SyntheticDomains;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerwiseRouterTest extends RouterSuite {

  private static final List<String> DOMAINS = List.of("sql", "math");

  /** Two states say a little for sql, one says very clearly math. */
  private static final LayerwiseRouter ROUTER =
      LayerwiseRouter.of(
          DOMAINS,
          Pooling.MEAN,
          List.of(favouring(0, 0.2f, 0), favouring(1, 0.2f, 0), favouring(2, 0, 5)));

  private static final PromptStates PROMPT = new PromptStates(new float[3][2], new float[3][2]);

  private static StateClassifier favouring(int state, float sql, float math) {
    return new StateClassifier(state, 2, new float[4], new float[] {sql, math});
  }

  @Override
  protected LayerwiseRouter router() {
    List<String> domains = List.of("sql", "shell", "cron");
    RidgeRouter ridge =
        RidgeRouter.fit(SyntheticDomains.statistics(domains, 40), RidgeSettings.defaults());
    return LayerwiseRouter.of(domains, ridge.pooling(), ridge.layers())
        .withCombination(VoteCombination.VOTE);
  }

  @Override
  protected Router withThreshold(double threshold) {
    return router().withAbstentionThreshold(threshold);
  }

  @Override
  protected Router again(Path folder) {
    RidgeRouter ridge =
        RidgeRouter.fit(
            SyntheticDomains.statistics(router().domains(), 40), RidgeSettings.defaults());
    new StoredRouters(router(), ridge).write(folder, SyntheticDomains.BASE);
    return StoredRouters.read(folder, RouterKind.LAYERWISE, SyntheticDomains.BASE);
  }

  @Test
  void averagesTheProbabilitiesOfTheLayers() {
    RoutingDecision decision = ROUTER.route(PROMPT);
    double lean = 1 / (1 + Math.exp(-(double) 0.2f));
    double sure = 1 / (1 + Math.exp(-5.0));
    assertThat(decision.chosen()).contains("math");
    assertThat(decision.probabilities().get("math"))
        .isCloseTo((2 * (1 - lean) + sure) / 3, within(1e-12));
    assertThat(decision.confidence()).isEqualTo(decision.probabilities().get("math"));
  }

  @Test
  void letsTheLayersVoteWhenAsked() {
    RoutingDecision decision = ROUTER.withCombination(VoteCombination.VOTE).route(PROMPT);
    assertThat(decision.chosen()).contains("sql");
    assertThat(decision.probabilities().values().stream().mapToDouble(p -> p).sum())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void breaksATieOfVotesByTheAverage() {
    RoutingDecision decision =
        LayerwiseRouter.of(DOMAINS, Pooling.MEAN, List.of(favouring(0, 1, 0), favouring(1, 0, 3)))
            .withCombination(VoteCombination.VOTE)
            .route(PROMPT);
    assertThat(decision.chosen()).contains("math");
  }

  @Test
  void tellsWhatEachLayerSays() {
    RoutingDecision decision = ROUTER.route(PROMPT);
    assertThat(decision.votes().stream().map(StateVote::domain))
        .containsExactly("sql", "sql", "math");
    assertThat(ROUTER.probabilities(2, new float[2])[1])
        .isEqualTo(decision.votes().get(2).probabilities().get("math"));
    assertThatThrownBy(() -> ROUTER.probabilities(7, new float[2]))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("state 7");
  }

  @Test
  void decidesFromItsFirstLayersAfterAnEarlyExit() {
    PromptStates early = new PromptStates(new float[2][2], new float[2][2]);
    assertThat(ROUTER.usingFirstStates(2).route(early).chosen()).contains("sql");
    assertThatThrownBy(() -> ROUTER.route(early)).isInstanceOf(RouterException.class);
  }

  @Test
  void abstainsBelowItsThreshold() {
    assertThat(ROUTER.withAbstentionThreshold(0.9).route(PROMPT).chosen()).isEmpty();
  }

  @Test
  void refusesClassifiersThatDoNotFitTheDomains() {
    List<StateClassifier> layers = List.of(favouring(0, 1, 0));
    assertThatThrownBy(() -> LayerwiseRouter.of(List.of("sql"), Pooling.MEAN, layers))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("expected 1 domains");
  }

  @Test
  void refusesADomainTwice() {
    List<StateClassifier> layers = List.of(favouring(0, 1, 0));
    assertThatThrownBy(() -> LayerwiseRouter.of(List.of("sql", "sql"), Pooling.MEAN, layers))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("must differ");
  }

  @Test
  void refusesWeightsThatAreNotNumbers() {
    float[] weights = {0, Float.NaN};
    assertThatThrownBy(() -> new StateClassifier(4, 2, weights, new float[1]))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("state 4");
  }
}
