package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ProcessorTimeTest {

  private static ProcessorTime ticks(long user, long idle, long steal, long own) {
    String machine =
        "cpu  %d 0 5 %d 2 0 1 %d 9 9\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\nctxt 9\n"
            .formatted(user, idle, steal);
    String process =
        "91 (a (java) name) R 85 85 122 0 -1 419 99 0 0 0 %d 3 0 0 20\n".formatted(own);
    return ProcessorTime.of(machine, process, 7);
  }

  @Test
  void readsWhatLinuxTells() {
    assertThat(ticks(100, 50, 4, 30)).isEqualTo(new ProcessorTime(7, 162, 52, 33, 2));
  }

  @Test
  void onlyOtherProcessesTakeProcessors() {
    ProcessorTime before = ticks(100, 50, 4, 30);
    assertThat(ticks(100, 150, 4, 30).leftSince(before)).isCloseTo(2, within(1e-9)); // all idle
    assertThat(ticks(200, 50, 4, 130).leftSince(before)).isCloseTo(2, within(1e-9)); // all own
    assertThat(ticks(200, 50, 4, 80).leftSince(before)).isCloseTo(1, within(1e-9)); // half and half
    assertThat(ticks(150, 75, 29, 80).leftSince(before)).isCloseTo(1.5, within(1e-9)); // steal
    assertThat(ticks(200, 50, 4, 30).leftSince(before)).isCloseTo(0, within(1e-9));
  }

  @Test
  void nothingIsTakenWhereNothingIsKnown() {
    ProcessorTime unknown = new ProcessorTime(0, 0, 0, 0, 0);
    assertThat(unknown.leftSince(unknown)).isGreaterThan(1000);
    assertThat(ProcessorTime.now().leftSince(unknown)).isNotNegative();
  }
}
