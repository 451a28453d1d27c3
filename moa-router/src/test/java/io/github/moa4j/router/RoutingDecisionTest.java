package io.github.moa4j.router;

import static io.github.moa4j.router.RouterDomains.NONE_OF_THESE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoutingDecisionTest {

  private static final Map<String, Double> PROBABILITIES = Map.of("sql", 0.7, "math", 0.3);

  @Test
  void decidesForTheBaseBelowTheThresholdOnly() {
    RoutingDecision decision = RoutingDecision.of(PROBABILITIES, List.of(), 0.5);
    assertThat(decision.decide(0.7).chosen()).contains("sql");
    assertThat(decision.decide(0.71).chosen()).isEmpty();
    assertThat(decision.decide(0.71).decide(0).chosen()).contains("sql");
  }

  @Test
  void anExplicitDecisionIsCertain() {
    RoutingDecision decision = RoutingDecision.explicit("math");
    assertThat(decision.chosen()).contains("math");
    assertThat(decision.decide(1).chosen()).contains("math");
    assertThat(decision.votes()).isEmpty();
  }

  @Test
  void keepsTheOrderOfDomainsAndCannotBeChanged() {
    Map<String, Double> ordered = new LinkedHashMap<>();
    ordered.put("z", 0.2);
    ordered.put("a", 0.8);
    RoutingDecision decision = RoutingDecision.of(ordered, List.of(), 0.9);
    ordered.clear();
    assertThat(decision.probabilities().keySet()).containsExactly("z", "a");
    assertThatThrownBy(() -> decision.probabilities().put("b", 0.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void readsAsAMapWhateverItIsMadeOf() {
    RouterDomains domains = RouterDomains.of(List.of("z", "a", "m", "b"));
    Map<String, Double> plain = new LinkedHashMap<>();
    plain.put("z", 0.1);
    plain.put("a", 0.4);
    plain.put("m", 0.4);
    plain.put("b", 0.1);

    for (Map<String, Double> given : List.of(plain, domains.named(new double[] {.1, .4, .4, .1}))) {
      RoutingDecision decision = RoutingDecision.of(given, List.of(), 0);

      assertThat(decision.probabilities()).isEqualTo(plain).hasSameHashCodeAs(plain);
      assertThat(decision.probabilities().keySet()).containsExactly("z", "a", "m", "b");
      assertThat(decision.probabilities().values()).containsExactly(0.1, 0.4, 0.4, 0.1);
      assertThat(decision.probabilities().get("m")).isEqualTo(0.4);
      assertThat(decision.probabilities().get("x")).isNull();
      assertThat(decision.probabilities().containsKey(null)).isFalse();
      assertThat(decision.chosen()).contains("a");
      assertThat(decision.mostProbable()).isEqualTo("a");
      assertThat(decision.confidence()).isEqualTo(0.4);
      assertThat(decision.mostProbableFirst()).containsExactly("a", "m", "z", "b");
    }
  }

  @Test
  void copiesNothingOfItsProbabilitiesWhenItIsDecidedAnew() {
    Map<String, Double> named =
        RouterDomains.of(List.of("sql", "math")).named(new double[] {0.7, 0.3});
    StateVote vote = new StateVote(0, named);
    RoutingDecision decision = RoutingDecision.of(named, List.of(vote), 0);

    assertThat(vote.probabilities()).isSameAs(named);
    assertThat(decision.probabilities()).isSameAs(named);
    assertThat(decision.decide(0.9).probabilities()).isSameAs(named);
  }

  @Test
  void refusesADomainTwiceAndTooFewProbabilities() {
    assertThatThrownBy(() -> RouterDomains.of(List.of("sql", "math", "sql")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'sql' occurs twice");
    assertThatThrownBy(() -> RouterDomains.of(List.of("sql", "math")).named(new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 probabilities for 2 domains");
    assertThatThrownBy(
            () -> RouterDomains.of(List.of("sql", "math")).named(new double[] {0.5, Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'math' is NaN");
  }

  @Test
  void refusesProbabilitiesThatDoNotSumToOne() {
    assertThatThrownBy(() -> RoutingDecision.of(Map.of("sql", 0.5), List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sum to 0.5");
  }

  @Test
  void refusesAChosenDomainItDoesNotKnow() {
    assertThatThrownBy(
            () ->
                new RoutingDecision(
                    PROBABILITIES, Optional.of("cron"), 0.5, List.of(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'cron'");
  }

  @Test
  void saysWhyItAbstains() {
    Map<String, Double> mostlyNone = Map.of("sql", 0.3, "math", 0.1, NONE_OF_THESE, 0.6);
    RoutingDecision none = RoutingDecision.of(mostlyNone, List.of(), 0.5);
    assertThat(none.chosen()).isEmpty();
    assertThat(none.abstention()).contains(Abstention.NONE_OF_THESE);
    assertThat(none.mostProbable()).isEqualTo("sql");
    assertThat(none.confidence()).isEqualTo(0.3);
    assertThat(none.margin()).isCloseTo(-0.3, within(1e-12));
    assertThat(none.mostProbableFirst()).containsExactly("sql", "math");
    assertThat(none.decide(0).chosen()).contains("sql");
    assertThat(none.decide(0.2).abstention()).contains(Abstention.NONE_OF_THESE);

    RoutingDecision unsure = RoutingDecision.of(PROBABILITIES, List.of(), 0.9);
    assertThat(unsure.abstention()).contains(Abstention.UNSURE);
    assertThat(unsure.margin()).isCloseTo(0.4, within(1e-12));
    assertThat(RoutingDecision.of(PROBABILITIES, List.of(), 0.5).abstention()).isEmpty();
  }

  @Test
  void anAbstentionThatNoRouterTookStaysWhateverTheThreshold() {
    RoutingDecision blank = RoutingDecision.abstained(Abstention.BLANK);
    assertThat(blank.decide(0)).isEqualTo(blank);
    assertThat(blank.mostProbable()).isEqualTo(NONE_OF_THESE);
    assertThat(blank.confidence()).isZero();
  }

  @Test
  void refusesAThresholdOutsideZeroToOne() {
    RoutingDecision decision = RoutingDecision.explicit("sql");
    assertThatThrownBy(() -> decision.decide(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> decision.decide(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
