package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RoutingDecisionTest {

  private static final Map<String, Double> PROBABILITIES = Map.of("sql", 0.7, "math", 0.3);

  @Property
  void softmaxIsADistributionForAnyScores(
      @ForAll @Size(min = 1, max = 12) double[] scores,
      @ForAll @DoubleRange(min = 0.01, max = 1000) double temperature) {
    double[] probabilities = Probabilities.softmax(scores, temperature);
    assertThat(DoubleStream.of(probabilities).sum()).isCloseTo(1, within(1e-9));
    assertThat(probabilities).doesNotContain(Double.NaN);
    assertThat(probabilities[Probabilities.indexOfHighest(scores)])
        .isEqualTo(DoubleStream.of(probabilities).max().orElseThrow());
  }

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
