package io.github.moa4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

final class NativesTest {

  @Test
  void engineRunsFromTheTestClassPathAlone() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        NDArray ones = manager.ones(new Shape(2, 3))) {
      assertThat(ones.sum().getFloat()).isEqualTo(6f);
    }
  }
}
