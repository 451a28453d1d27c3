package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What AdamW does stands in the golden losses of {@link LoraTrainerTest}. */
final class OptimizerTest {

  private static final double RATE = 0.1;

  /**
   * Two steps of {@code torch.optim.Muon} (PyTorch 2.13), its iteration in f32: momentum 0.9,
   * weight decay 0.01, {@code match_rms_adamw}.
   */
  @Test
  void muonFollowsTheReference() {
    float[] one = {0.5f, -0.25f, 0.125f, 1, 0.75f, -0.5f};
    float[] first = {3, 0, -1, 0.5f, 0.25f, 2};
    float[] second = {1, -2, 0, -1, 0.5f, 1};
    float[] expected = {0.4435037f, -0.2317190f, 0.1276006f, 0.9917614f, 0.7480003f, -0.5576975f};
    float[] turned = {one[0], one[3], one[1], one[4], one[2], one[5]};
    try (NDManager scope = NDManager.newBaseManager()) {
      NDArray wide = scope.create(one, new Shape(1, 2, 3));
      NDArray tall = scope.create(turned, new Shape(1, 3, 2));
      try (Optimizer optimizer =
          new Optimizer(scope, List.of(wide, tall), UpdateRule.MUON, 0.01, 0)) {
        for (float[] gradient : List.of(first, second)) {
          NDArray own = scope.create(gradient, new Shape(1, 2, 3));
          optimizer.accumulate(List.of(own, own.transpose(0, 2, 1)));
          optimizer.step(new double[] {RATE, RATE}, optimizer.globalNorm());
        }
      }
      assertThat(wide.toFloatArray()).containsExactly(expected, within(1e-4f));
      assertThat(tall.transpose(0, 2, 1).toFloatArray()).containsExactly(expected, within(1e-4f));
    }
  }

  @Test
  void muonMovesEachMatrixOnItsOwnAndWhatIsNoneByAdamW() {
    try (NDManager scope = NDManager.newBaseManager()) {
      NDArray matrices = scope.zeros(new Shape(2, 1, 4)); // B of a new adapter leaves A no gradient
      NDArray row = scope.zeros(new Shape(2, 1));
      try (Optimizer optimizer =
          new Optimizer(scope, List.of(matrices, row), UpdateRule.MUON, 0, 0)) {
        optimizer.accumulate(
            List.of(
                scope.create(new float[] {0, 0, 0, 0, 0, 0, 0, 1e-3f}, new Shape(2, 1, 4)),
                scope.create(new float[] {5, -1e-3f}, new Shape(2, 1))));
        optimizer.step(new double[] {RATE, RATE}, optimizer.globalNorm());
      }
      float[] moved = matrices.toFloatArray();
      assertThat(moved).startsWith(0, 0, 0, 0, 0, 0, 0);
      assertThat(-moved[7])
          .isBetween((float) (0.65 * 0.2 * 2 * RATE), (float) (1.25 * 0.2 * 2 * RATE));
      assertThat(row.toFloatArray())
          .containsExactly(new float[] {(float) -RATE, (float) RATE}, within(1e-4f));
    }
  }
}
