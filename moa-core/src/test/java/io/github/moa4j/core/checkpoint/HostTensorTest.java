package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HostTensorTest {

  private static HostTensor shorts(DataType dataType, int... bits) {
    ByteBuffer data = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : bits) {
      data.putShort((short) value);
    }
    return new HostTensor(dataType, new long[] {bits.length}, data.flip());
  }

  @Test
  void widensBf16() {
    assertThat(shorts(DataType.BF16, 0x3F80, 0xC000, 0x0001, 0x8000, 0x7F80).toFloatArray())
        .containsExactly(1f, -2f, 0x1p-133f, -0f, Float.POSITIVE_INFINITY);
    assertThat(shorts(DataType.BF16, 0x7FC0).toFloatArray()).containsExactly(Float.NaN);
  }

  @Test
  void widensF16() {
    assertThat(
            shorts(DataType.F16, 0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x83FF, 0x8000, 0xFC00)
                .toFloatArray())
        .containsExactly(
            1f, -2f, 65504f, 0x1p-14f, 0x1p-24f, -1023 * 0x1p-24f, -0f, Float.NEGATIVE_INFINITY);
    assertThat(shorts(DataType.F16, 0x7E00).toFloatArray()).containsExactly(Float.NaN);
  }

  @Property
  void roundsToTheNearestBf16TiesToEven(@ForAll int bits) {
    float value = Float.intBitsToFloat(bits);
    float rounded = FloatBits.bf16ToFloat(FloatBits.toBf16(bits));
    if (Float.isNaN(value)) {
      assertThat(rounded).isNaN();
      return;
    }
    float below = Float.intBitsToFloat(bits & 0xFFFF0000); // towards zero
    float above = Float.intBitsToFloat((bits & 0xFFFF0000) + 0x10000);
    if (Float.isInfinite(value) || Float.isInfinite(above)) {
      assertThat(rounded).isIn(below, above);
      return;
    }
    double half = ((double) below + above) / 2;
    boolean up = Math.abs(value) > Math.abs(half);
    boolean tie = value == half;
    boolean oddBelow = (bits >>> 16 & 1) == 1;
    assertThat(rounded).isEqualTo(up || (tie && oddBelow) ? above : below);
  }

  @Property
  void roundingLeavesBf16ValuesAsTheyAre(@ForAll short bits) {
    assertThat(FloatBits.toBf16(bits << 16)).isEqualTo(bits);
  }

  @Test
  void roundsToTheNearestF16TiesToEven() {
    for (int bits = 0; bits < 0x7BFF; bits++) {
      float low = FloatBits.f16ToFloat((short) bits);
      float high = FloatBits.f16ToFloat((short) (bits + 1));
      float half = (low + high) / 2; // exact
      assertThat(FloatBits.toF16(low)).isEqualTo((short) bits);
      assertThat(FloatBits.toF16(-low)).isEqualTo((short) (bits | 0x8000));
      assertThat(FloatBits.toF16(Math.nextDown(half))).isEqualTo((short) bits);
      assertThat(FloatBits.toF16(half)).isEqualTo((short) (bits + (bits & 1)));
      assertThat(FloatBits.toF16(Math.nextUp(half))).isEqualTo((short) (bits + 1));
    }
    assertThat(FloatBits.toF16(Math.nextDown(65520f))).isEqualTo((short) 0x7BFF);
    assertThat(FloatBits.toF16(65520f)).isEqualTo((short) 0x7C00);
    assertThat(FloatBits.toF16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xFC00);
    assertThat(FloatBits.f16ToFloat(FloatBits.toF16(Float.NaN))).isNaN();
  }

  @Test
  void roundsFloatsToTheTypeAskedFor() {
    float[] values = {1 + 0x1p-8f, -2, 70000};
    assertThat(HostTensor.rounded(DataType.F32, values, 3).toFloatArray()).containsExactly(values);
    assertThat(HostTensor.rounded(DataType.BF16, values, 3).toFloatArray())
        .containsExactly(1f, -2f, 70144f);
    assertThat(HostTensor.rounded(DataType.F16, values, 3).toFloatArray())
        .containsExactly(1 + 0x1p-8f, -2f, Float.POSITIVE_INFINITY);
    assertThatThrownBy(() -> HostTensor.rounded(DataType.I64, values, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesShapeThatDoesNotMatchItsData() {
    assertThatThrownBy(() -> HostTensor.of(new float[5], 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2, 3]", "24 bytes", "20");
    assertThatThrownBy(() -> HostTensor.of(new float[0], -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isEqualByTypeShapeAndBytes() {
    HostTensor tensor = HostTensor.of(new float[] {1, Float.NaN}, 2);
    assertThat(tensor)
        .isEqualTo(HostTensor.of(new float[] {1, Float.NaN}, 2))
        .hasSameHashCodeAs(HostTensor.of(new float[] {1, Float.NaN}, 2))
        .isNotEqualTo(HostTensor.of(new float[] {1, Float.NaN}, 1, 2))
        .isNotEqualTo(HostTensor.of(new float[] {1, 2}, 2))
        .isNotEqualTo(new HostTensor(DataType.I32, new long[] {2}, tensor.data()));
  }

  @Test
  void handsOutNothingThatChangesIt() {
    long[] shape = {2};
    HostTensor tensor = HostTensor.of(new double[] {1, 2}, shape);
    shape[0] = 7;
    tensor.shape()[0] = 8;
    tensor.data().getDouble();

    assertThat(tensor.shape()).containsExactly(2);
    assertThat(tensor.data().isReadOnly()).isTrue();
    assertThat(tensor.toDoubleArray()).containsExactly(1, 2);
  }

  @Test
  void refusesToWidenOtherTypes() {
    assertThatThrownBy(() -> HostTensor.of(new long[] {1}, 1).toFloatArray())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("I64");
    assertThatThrownBy(() -> HostTensor.of(new float[] {1}, 1).toLongArray())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("F32");
  }
}
