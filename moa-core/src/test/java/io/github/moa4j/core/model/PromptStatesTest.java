package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import org.junit.jupiter.api.Test;

class PromptStatesTest {

  @Test
  void tellsItsShape() {
    PromptStates states = new PromptStates(new float[3][4], new float[3][4]);
    assertThat(states.numStates()).isEqualTo(3);
    assertThat(states.hiddenSize()).isEqualTo(4);
  }

  @Test
  void refusesPoolingsOfDifferentLength() {
    assertThatThrownBy(() -> new PromptStates(new float[3][4], new float[2][4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mean has 3 and last has 2");
  }

  @Test
  void refusesRowsOfDifferentWidth() {
    assertThatThrownBy(() -> new PromptStates(new float[][] {{1, 2}, {1}}, new float[2][2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mean state 1");
  }

  @Test
  void refusesNoStatesAtAll() {
    assertThatThrownBy(() -> new PromptStates(new float[0][], new float[0][]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesValuesThatAreNotNumbers() {
    assertThatThrownBy(
            () -> new PromptStates(new float[1][2], new float[][] {{0, Float.POSITIVE_INFINITY}}))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("last-pooled state 0");
  }
}
