package io.github.moa4j.training.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class SecretRandomTest {

  @Test
  void neverComesTwice() {
    long[] words = SecretRandom.unforeseeable().words(1000);
    assertThat(SecretRandom.unforeseeable().words(1000)).doesNotContain(words);
    assertThat(Arrays.stream(words).distinct()).hasSize(1000);
  }

  @Test
  void theKeystreamIsAes256InCounterMode() {
    // FIPS 197's block cipher under the key of all zeros, of the counter 0
    assertThat(SecretRandom.foreseeable(0).words(2))
        .containsExactly(
            Long.reverseBytes(0xdc95c078a2408989L), Long.reverseBytes(0xad48a21492842087L));
  }

  @Test
  void goesOnWhereItLeftOff() {
    SecretRandom inParts = SecretRandom.foreseeable(7);
    inParts.words(3);
    assertThat(inParts.words(2))
        .isEqualTo(Arrays.copyOfRange(SecretRandom.foreseeable(7).words(5), 3, 5));
  }

  @Test
  void uniformNumbersAreUniform() {
    double[] uniform = SecretRandom.foreseeable(1).uniform(100_000);
    Arrays.sort(uniform);
    double distance = 0;
    for (int i = 0; i < uniform.length; i++) {
      distance = Math.max(distance, Math.abs(uniform[i] - (i + 0.5) / uniform.length));
    }
    // Kolmogorov and Smirnov: exceeded once in a million
    assertThat(distance * Math.sqrt(uniform.length)).isCloseTo(0, within(2.7));
    assertThat(uniform[0]).isNotNegative();
    assertThat(uniform[uniform.length - 1]).isLessThan(1);
  }
}
