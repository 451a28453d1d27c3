package io.github.moa4j.training.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.ridge.EarlyExit;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EarlyExitCalibrationTest {

  private static final int STATES = 9;
  private static final int WIDTH = 16;
  private static final List<String> DOMAINS =
      List.of("sql", "shell", "math", RouterDomains.NONE_OF_THESE);

  @Test
  void aQuarterOfTheLayersDecidesWhereThatCostsNothing() {
    List<DomainStatistics> statistics = statistics(DOMAINS, 0.1, 0.1);
    assertThat(calibrated(statistics).earlyExit()).contains(new EarlyExit(3, 0.99));
  }

  @Test
  void tokensDecideBeforeAnyLayerWhereThatCostsNothing() {
    List<DomainStatistics> statistics = new ArrayList<>();
    for (DomainStatistics known : statistics(DOMAINS, 0.1, 0.1)) {
      DomainStatistics own =
          DomainStatistics.empty(known.domain(), Pooling.MEAN, known.states(), WIDTH);
      own.add(withTokens(known.domain()));
      statistics.add(own);
    }
    assertThat(calibrated(statistics).earlyExit()).contains(new EarlyExit(1, 0.99));
  }

  /** Prompts of words that only their domain has. */
  private static List<PromptStates> withTokens(String domain) {
    SplittableRandom random = new SplittableRandom(domain.length());
    int first = 100 * DOMAINS.indexOf(domain);
    return prompts(domain, domain, 400, 0.1, 0.1).stream()
        .map(
            prompt ->
                new PromptStates(
                    prompt.mean(), prompt.last(), random.ints(12, first, first + 40).toArray()))
        .toList();
  }

  @Test
  void firstStatesThatSayNothingDecideNothing() {
    assertThat(calibrated(statistics(DOMAINS, 3, 0.1)).earlyExit()).isEmpty();
  }

  /** What the first states take for one domain's, the others know to be another's. */
  @Test
  void firstStatesThatAreSurelyWrongDecideNothing() {
    List<DomainStatistics> statistics = statistics(DOMAINS, 0.1, 0.1);
    List<PromptStates> mistaken = prompts("sql", "shell", 8, 0.1, 0.1);
    statistics.get(0).add(List.of(), mistaken, mistaken.size());
    assertThat(calibrated(statistics).earlyExit()).isEmpty();
  }

  @Test
  void whoKnowsNothingOfWhatIsForeignReadsAllStates() {
    assertThat(calibrated(statistics(DOMAINS.subList(0, 3), 0.1, 0.1)).earlyExit()).isEmpty();
  }

  private static RidgeRouter calibrated(List<DomainStatistics> statistics) {
    RidgeRouter fitted = RidgeRouter.fit(statistics, RidgeSettings.defaults());
    return EarlyExitCalibration.calibrated(
        ThresholdCalibration.calibrated(fitted, statistics), statistics);
  }

  private static List<DomainStatistics> statistics(
      List<String> domains, double spreadAtFirst, double spreadBehind) {
    List<DomainStatistics> all = new ArrayList<>();
    for (String domain : domains) {
      DomainStatistics statistics =
          DomainStatistics.empty(
              domain, Pooling.MEAN, IntStream.range(0, STATES).boxed().toList(), WIDTH);
      statistics.add(prompts(domain, domain, 400, spreadAtFirst, spreadBehind));
      all.add(statistics);
    }
    return all;
  }

  /** Each domain has a centre of its own, in the first third of the states and in the others. */
  private static List<PromptStates> prompts(
      String behind, String first, int count, double spreadAtFirst, double spreadBehind) {
    SplittableRandom random = new SplittableRandom(behind.hashCode());
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[][] states = new float[STATES][WIDTH];
      for (int state = 0; state < STATES; state++) {
        boolean isFirst = state < STATES / 3;
        int domain = DOMAINS.indexOf(isFirst ? first : behind);
        for (int j = 0; j < WIDTH; j++) {
          double noise = (isFirst ? spreadAtFirst : spreadBehind) * random.nextGaussian();
          states[state][j] = (float) ((j / 4 == domain ? 1 : 0) + noise);
        }
      }
      prompts.add(new PromptStates(states, states));
    }
    return prompts;
  }
}
