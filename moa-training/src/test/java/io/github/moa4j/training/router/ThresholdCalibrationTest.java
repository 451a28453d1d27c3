package io.github.moa4j.training.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ThresholdCalibrationTest {

  private static final int WIDTH = 16;
  private static final double FIXED = 0.88;

  /** Over ten draws: of one, a hundred prompts a domain hold out too few to be exact. */
  @Test
  void routersOfFewBroadPromptsAnswerTheirDomains() {
    double[] fixed = new double[2];
    double[] calibrated = new double[2];
    for (int draw = 0; draw < 10; draw++) {
      List<DomainStatistics> domains = statistics(100, 0.9, draw);
      RidgeRouter ridge = ridge(domains);
      LayerwiseRouter layerwise =
          new LayerwiseRouterTrainer(LayerwiseRouterSettings.defaults().withPooling(Pooling.MEAN))
              .train(domains);
      fixed[0] += answered(ridge.withAbstentionThreshold(FIXED)) / 10;
      fixed[1] += answered(layerwise.withAbstentionThreshold(FIXED)) / 10;
      calibrated[0] += answered(ThresholdCalibration.calibrated(ridge, domains)) / 10;
      calibrated[1] += answered(ThresholdCalibration.calibrated(layerwise, domains)) / 10;
    }
    assertThat(Math.max(fixed[0], fixed[1])).isLessThan(0.9);
    assertThat(Math.min(calibrated[0], calibrated[1])).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void aRouterThatIsSureAsksForMuch() {
    List<DomainStatistics> domains = statistics(400, 0.2, 0);
    assertThat(threshold(domains)).isGreaterThan(0.8).isLessThanOrEqualTo(0.9);
  }

  @Test
  void withoutHeldOutPromptsADomainAnswersThatIsMoreProbableThanNot() {
    assertThat(threshold(statistics(7, 0.5, 0))).isEqualTo(0.5);
  }

  /** One domain's prompts lie all over the place, the others' near their centres. */
  @Test
  void aDomainOfBroadPromptsAsksForLessThanTheOthers() {
    List<DomainStatistics> domains = new ArrayList<>(statistics(400, 0.4, 0));
    domains.set(0, statistics("sql", 400, 0.8, 0));
    RidgeRouter router = ThresholdCalibration.calibrated(ridge(domains), domains);
    Map<String, Double> own = router.abstentionThresholds();
    assertThat(own).containsOnlyKeys("sql", "shell", "math");
    assertThat(own.get("sql")).isLessThan(Math.min(own.get("shell"), own.get("math")));
    assertThat(router.settings().abstentionThreshold())
        .as("of a domain of which nothing is known")
        .isBetween(own.get("sql"), Math.max(own.get("shell"), own.get("math")));
  }

  @Test
  void aSingleDomainHasAThresholdToo() {
    List<DomainStatistics> domains =
        List.of(statistics("sql", 400, 0.4, 0), statistics(DOMAINS.get(3), 400, 0.4, 0));
    RidgeRouter router = ThresholdCalibration.calibrated(ridge(domains), domains);
    assertThat(router.abstentionThresholds().get("sql"))
        .isEqualTo(router.settings().abstentionThreshold())
        .isBetween(0.2, 0.9);
  }

  private static double threshold(List<DomainStatistics> domains) {
    return ThresholdCalibration.calibrated(ridge(domains), domains)
        .settings()
        .abstentionThreshold();
  }

  private static RidgeRouter ridge(List<DomainStatistics> domains) {
    return RidgeRouter.fit(domains, RidgeSettings.defaults());
  }

  private static final List<String> DOMAINS =
      List.of("sql", "shell", "math", RouterDomains.NONE_OF_THESE);

  private static double answered(Router router) {
    int answered = 0;
    for (String domain : DOMAINS.subList(0, 3)) {
      for (PromptStates prompt : prompts(domain, 300, 0.9, 99)) {
        answered += router.route(prompt).chosen().isPresent() ? 1 : 0;
      }
    }
    return answered / 900.0;
  }

  private static List<DomainStatistics> statistics(int count, double spread, long seed) {
    List<DomainStatistics> all = new ArrayList<>();
    for (String domain : DOMAINS) {
      all.add(statistics(domain, count, spread, seed));
    }
    return all;
  }

  private static DomainStatistics statistics(String domain, int count, double spread, long seed) {
    DomainStatistics statistics =
        DomainStatistics.empty(domain, Pooling.MEAN, List.of(0, 1), WIDTH);
    statistics.add(prompts(domain, count, spread, seed));
    return statistics;
  }

  /** Each domain has a centre of its own, at a distance of 1 in each of four features. */
  private static List<PromptStates> prompts(String domain, int count, double spread, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 31 + domain.hashCode());
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[][] states = new float[2][WIDTH];
      for (float[] state : states) {
        for (int j = 0; j < WIDTH; j++) {
          double centre = j / 4 == DOMAINS.indexOf(domain) ? 1 : 0;
          state[j] = (float) (centre + spread * random.nextGaussian());
        }
      }
      prompts.add(new PromptStates(states, states));
    }
    return prompts;
  }
}
