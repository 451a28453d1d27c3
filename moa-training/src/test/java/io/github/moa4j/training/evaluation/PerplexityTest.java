package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PerplexityTest {

  @Test
  void isTheNumberOfChoicesOfAModelThatGuesses() {
    float loss = (float) Math.log(4096);
    assertThat(Perplexity.of(new float[] {loss, loss, loss}).value()).isEqualTo(4096, within(0.01));
  }

  @Test
  void weighsEveryTokenTheSame() {
    Perplexity sum = new Perplexity(3, 1).plus(new Perplexity(1, 3));
    assertThat(sum).isEqualTo(new Perplexity(4, 4));
    assertThat(sum.loss()).isEqualTo(1);
    assertThat(sum.value()).isEqualTo(Math.E, within(1e-12));
  }

  @Test
  void geometricMeanWeighsEveryDomainTheSame() {
    Perplexity four = new Perplexity(1000 * Math.log(4), 1000);
    Perplexity sixteen = new Perplexity(Math.log(16), 1);
    assertThat(Perplexity.geometricMean(List.of(four, sixteen))).isEqualTo(8, within(1e-9));
    assertThat(Perplexity.geometricMean(List.of())).isNaN();
  }

  @Test
  void ofNoTokenIsNoNumber() {
    assertThat(Perplexity.NONE.value()).isNaN();
  }
}
