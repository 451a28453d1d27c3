package io.github.moa4j.examples.study.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes a safetensors file: its header as JSON, the header's length, its data, any bytes. */
final class SafetensorsMutation {

  private static final List<Long> LENGTHS =
      List.of(
          0L,
          1L,
          2L,
          -1L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          Long.MAX_VALUE - Long.BYTES,
          1L << 31,
          (1L << 31) - 1,
          1L << 32,
          100_000_000L,
          100_000_001L);

  private final SplittableRandom random;

  SafetensorsMutation(SplittableRandom random) {
    this.random = random;
  }

  byte[] of(byte[] original) {
    SafetensorsBytes file = SafetensorsBytes.parse(original);
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> changedHeader(file).bytes();
      case 4 -> changedHeader(file).bytes(file.header().length);
      case 5 -> file.bytes(length(file));
      case 6 -> {
        int size = random.nextInt(2 * file.data().length);
        yield new SafetensorsBytes(file.header(), Arrays.copyOf(file.data(), size)).bytes();
      }
      default -> new ByteMutation(random).of(original);
    };
  }

  private SafetensorsBytes changedHeader(SafetensorsBytes file) {
    return new SafetensorsBytes(new JsonMutation(random).of(file.header()), file.data());
  }

  private long length(SafetensorsBytes file) {
    return switch (random.nextInt(3)) {
      case 0 -> LENGTHS.get(random.nextInt(LENGTHS.size()));
      case 1 -> file.header().length + random.nextInt(-8, 9);
      default -> {
        byte[] any = new byte[Long.BYTES];
        random.nextBytes(any);
        yield ByteBuffer.wrap(any).order(ByteOrder.LITTLE_ENDIAN).getLong();
      }
    };
  }
}
