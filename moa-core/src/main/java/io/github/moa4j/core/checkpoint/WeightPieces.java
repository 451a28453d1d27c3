package io.github.moa4j.core.checkpoint;

import java.nio.ByteBuffer;

/** Takes the weights of a checkpoint piece by piece, as {@link Checkpoint#read(WeightPieces)}. */
@FunctionalInterface
public interface WeightPieces {

  /**
   * Takes one piece. The pieces of a tensor come one behind the other, and before those of the
   * next.
   *
   * @param name the tensor's name
   * @param byteOffset where the piece begins in the tensor
   * @param bytes whole rows of the tensor in its own type, about a megabyte of them, a vector being
   *     one row: a direct buffer, from position 0 to the limit, little endian, valid until this
   *     method returns
   */
  void take(String name, long byteOffset, ByteBuffer bytes);
}
