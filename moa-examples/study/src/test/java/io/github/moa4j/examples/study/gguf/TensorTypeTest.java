package io.github.moa4j.examples.study.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TensorTypeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3C00",
    "-2, C000",
    "65504, 7BFF",
    "65520, 7C00", // halfway to what is too large: to even, which is infinite
    "1e9, 7C00",
    "6.1035156e-5, 0400", // the smallest normal number
    "5.9604645e-8, 0001", // the smallest number
    "2.9802322e-8, 0000", // half of it: to even
    "1.00048828125, 3C00", // halfway: to even
    "1.00146484375, 3C02",
    "0.99999, 3C00" // the carry goes into the exponent
  })
  void roundsToHalfPrecision(float value, String bits) {
    assertThat(String.format("%04X", TensorType.half(value) & 0xFFFF)).isEqualTo(bits);
  }

  @Test
  void eightBitsAreSignedMultiplesOfTheGreatestOver127() {
    float[] row = new float[32];
    row[3] = -127;
    row[4] = 63.4f;

    ByteBuffer block = encoded(TensorType.Q8_0, row);

    assertThat(block.getShort()).isEqualTo((short) 0x3C00); // 1
    assertThat(block.get(2 + 3)).isEqualTo((byte) -127);
    assertThat(block.get(2 + 4)).isEqualTo((byte) 63);
  }

  @Test
  void fourBitsHoldTheFirstHalfLowAndTheSecondHigh() {
    float[] row = new float[32];
    row[0] = 4; // becomes -8 of a scale of -0.5
    row[16] = -2; // becomes 4

    ByteBuffer block = encoded(TensorType.Q4_0, row);

    assertThat(block.getShort()).isEqualTo((short) 0xB800); // -0.5
    assertThat(block.get(2) & 0x0F).isEqualTo(0);
    assertThat((block.get(2) >> 4) & 0x0F).isEqualTo(12);
    assertThat(block.get(3) & 0xFF).isEqualTo(0x88);
  }

  @Test
  void aRowOfZerosStaysOne() {
    ByteBuffer block = encoded(TensorType.Q4_0, new float[32]);

    assertThat(block.getShort()).isEqualTo((short) 0x8000); // a scale of -0
    assertThat(block.get() & 0xFF).isEqualTo(0x88);
  }

  private static ByteBuffer encoded(TensorType type, float[] row) {
    ByteBuffer block = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    type.encode(row, block);
    return block.flip();
  }
}
