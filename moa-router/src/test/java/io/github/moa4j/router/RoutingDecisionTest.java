package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoutingDecisionTest {

  private static final Map<String, Double> PROBABILITIES = Map.of("sql", 0.7, "math", 0.3);

  @Test
  void decidesForTheBaseBelowTheThresholdOnly() {
    RoutingDecision decision =
        new RoutingDecision(PROBABILITIES, Optional.of("sql"), 0.7, List.of());
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
    RoutingDecision decision = new RoutingDecision(ordered, Optional.empty(), 0.8, List.of());
    ordered.clear();
    assertThat(decision.probabilities().keySet()).containsExactly("z", "a");
    assertThatThrownBy(() -> decision.probabilities().put("b", 0.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesProbabilitiesThatDoNotSumToOne() {
    assertThatThrownBy(
            () -> new RoutingDecision(Map.of("sql", 0.5), Optional.empty(), 0.5, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sum to 0.5");
  }

  @Test
  void refusesAChosenDomainItDoesNotKnow() {
    assertThatThrownBy(
            () -> new RoutingDecision(PROBABILITIES, Optional.of("cron"), 0.5, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'cron'");
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
