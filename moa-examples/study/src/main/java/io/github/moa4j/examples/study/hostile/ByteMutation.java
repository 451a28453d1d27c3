package io.github.moa4j.examples.study.hostile;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes bytes as a broken disk, a stopped download or a wrong tool does. */
final class ByteMutation {

  private final SplittableRandom random;

  ByteMutation(SplittableRandom random) {
    this.random = random;
  }

  byte[] of(byte[] original) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
      bytes = once(bytes);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int to = Math.min(bytes.length, at + 1 + random.nextInt(1 + random.nextInt(64)));
    switch (random.nextInt(8)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      case 2 -> bytes[at] = (byte) random.nextInt();
      case 3 -> Arrays.fill(bytes, at, to, (byte) (random.nextBoolean() ? 0 : 0xFF));
      case 4 -> {
        return Arrays.copyOf(bytes, at); // cut off
      }
      case 5 -> {
        return joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
      }
      case 6 -> {
        return joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      default -> {
        byte[] inserted = new byte[1 + random.nextInt(16)];
        random.nextBytes(inserted);
        return joined(
            joined(Arrays.copyOf(bytes, at), inserted),
            Arrays.copyOfRange(bytes, at, bytes.length));
      }
    }
    return bytes;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
