package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class NativesTest {

  @Test
  void bothEnginesRunFromTheTestClassPathInOneJvm() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        INDArray ones = Nd4j.ones(2, 3)) {
      assertThat(manager.ones(new Shape(2, 3)).sum().getFloat()).isEqualTo(6f);
      assertThat(ones.sumNumber().floatValue()).isEqualTo(6f);
    }
  }
}
