package io.github.moa4j.router.statistics.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

class ProbabilitiesTest {

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
}
