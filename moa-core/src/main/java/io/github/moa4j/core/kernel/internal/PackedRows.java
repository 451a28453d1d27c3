package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Reads single rows of a packed matrix where they lie, so that an embedding that is also the head
 * need not be kept a second time. The engine tells nobody how it packs, so a way to read is taken
 * only if it gives every value of the matrix that was packed.
 */
final class PackedRows {

  /** How many rows the processors' kernels keep together, four bytes of each at a time. */
  private static final int[] BLOCKS = {64, 32, 16};

  private PackedRows() {}

  /**
   * Finds the rows of a packed matrix.
   *
   * @param owner of the result, which reads the memory of {@code packed} and must not outlive it
   * @param plain the matrix that was packed, [rows, columns]
   * @param elementBytes of one of its values: 2 (bf16) or 1 (int8)
   * @return i32 [blocks, columns / n, rows of a block], n = 2 or 4 values each; empty if the matrix
   *     is packed in another way
   */
  static Optional<NDArray> of(
      TorchScript script, NDManager owner, NDArray packed, NDArray plain, int elementBytes) {
    long[] memory;
    try (NDManager scope = owner.newSubManager()) {
      memory = script.run(scope, "packed_memory", packed).get(0).toLongArray();
    }
    long rows = plain.getShape().get(0);
    long columns = plain.getShape().get(1);
    for (int block : BLOCKS) {
      long blocks = (rows + block - 1) / block;
      long bytes = blocks * block * columns * elementBytes;
      if (columns * elementBytes % Integer.BYTES == 0
          && bytes <= memory[1]
          && bytes <= Integer.MAX_VALUE) {
        ByteBuffer buffer = new Pointer(memory[0]).getByteBuffer(0, bytes);
        NDArray found =
            owner.create(
                buffer.order(ByteOrder.nativeOrder()),
                new Shape(blocks, columns * elementBytes / Integer.BYTES, block),
                DataType.INT32);
        if (holds(script, owner, found, plain)) {
          return Optional.of(found);
        }
        found.close();
      }
    }
    return Optional.empty();
  }

  private static boolean holds(TorchScript script, NDManager owner, NDArray found, NDArray plain) {
    try (NDManager scope = owner.newSubManager()) {
      return script.run(scope, "holds_rows", found, plain).get(0).getFloat() > 0;
    }
  }
}
