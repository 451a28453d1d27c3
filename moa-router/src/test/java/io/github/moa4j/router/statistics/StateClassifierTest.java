package io.github.moa4j.router.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateClassifierTest {

  private static final int WIDTH = 7;

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 8, 10})
  void scoresEveryDomainWithItsOwnWeights(int domains) {
    Random random = new Random(domains);
    float[] weights = random(random, domains * WIDTH);
    float[] bias = random(random, domains);
    float[] hidden = random(random, WIDTH);
    double[] expected = new double[domains];
    for (int k = 0; k < domains; k++) {
      expected[k] = bias[k];
      for (int j = 0; j < WIDTH; j++) {
        expected[k] += (double) weights[k * WIDTH + j] * hidden[j];
      }
    }

    StateClassifier made = new StateClassifier(2, WIDTH, weights, bias);
    StateClassifier read =
        StateClassifier.of(
            2, WIDTH, HostTensor.of(weights, domains, WIDTH), HostTensor.of(bias, domains));

    assertThat(made.scores(hidden)).isEqualTo(expected);
    assertThat(read.scores(hidden)).isEqualTo(expected);
    assertThat(read.weights()).isEqualTo(weights);
    assertThat(read.width()).isEqualTo(WIDTH);
  }

  @Test
  void routesAmongTenThousandDomains() {
    int domains = 10_000;
    int width = 32;
    Random random = new Random(1);
    float[] weights = random(random, domains * width);
    List<String> names = IntStream.range(0, domains).mapToObj(k -> "domain" + k).toList();
    RidgeRouter router =
        RidgeRouter.of(
            names,
            Pooling.MEAN,
            List.of(new StateClassifier(0, width, weights, new float[domains])),
            RidgeSettings.defaults(),
            0.1);
    float[][] state = {new float[width]};
    System.arraycopy(weights, 4321 * width, state[0], 0, width);

    RoutingDecision decision = router.route(new PromptStates(state, state));

    assertThat(decision.chosen()).contains("domain4321");
    assertThat(decision.probabilities()).hasSize(domains);
    assertThat(decision.votes().get(0).domain()).isEqualTo("domain4321");
  }
}
