package io.github.moa4j.examples.study.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TallyTest {

  @Test
  void tellsWhatIsLostByAbstainingFromWhatGoesAstray() {
    Tally tally = new Tally();
    tally.add(Optional.of("sql"), decision(0.9), 1); // right
    tally.add(Optional.of("sql"), decision(0.6), 1); // left to the base
    tally.add(Optional.of("code"), decision(0.8), 1); // astray
    tally.add(Optional.empty(), decision(0.7), 1); // of no domain

    assertThat(tally.count()).isEqualTo(4);
    assertThat(tally.forced()).isEqualTo("0.500");
    assertThat(tally.right()).isEqualTo("0.250");
    assertThat(tally.answered()).isEqualTo("0.750");
    assertThat(tally.rightOfThoseAnswered()).isEqualTo("0.333");
    assertThat(tally.early()).isEqualTo("0.000");
  }

  @Test
  void countsAsEarlyWhatAnAdapterAnswersByFewerStates() {
    assertThat(Tally.isEarly(decision(0.9), 2)).isTrue();
    assertThat(Tally.isEarly(decision(0.6), 2)).isFalse();
  }

  @Test
  void comparesHowSureDecisionsAre() {
    assertThat(Tally.auroc(List.of(decision(0.9)), List.of(decision(0.6), decision(0.95))))
        .isEqualTo("0.500");
  }

  private static RoutingDecision decision(double sql) {
    Map<String, Double> probabilities = Map.of("sql", sql, "code", 1 - sql);
    return RoutingDecision.of(probabilities, List.of(new StateVote(0, probabilities)), 0.7);
  }
}
