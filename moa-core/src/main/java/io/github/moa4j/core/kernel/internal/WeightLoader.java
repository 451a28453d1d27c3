package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies a checkpoint's weights into the arrays that the script binds, fused on the way as the
 * layout says: q, k and v become one matrix, gate and up another. No more than one slice of a
 * tensor exists beside its copy.
 */
final class WeightLoader {

  // Small enough that the slice stays in the processor's cache, and costs no page faults.
  private static final int SLICE_BYTES = 1 << 20;

  private final TorchScript script;
  private final Checkpoint checkpoint;
  private final DecoderLayout layout;
  private final NDManager owner;
  private ByteBuffer slice = ByteBuffer.allocateDirect(0);

  WeightLoader(TorchScript script, Checkpoint checkpoint, NDManager owner) {
    this.script = script;
    this.checkpoint = checkpoint;
    this.layout = DecoderLayout.of(checkpoint.config());
    this.owner = owner;
  }

  /** Returns the arrays in the order that {@code decoder.torchscript} states. */
  NDList load() {
    NDList weights = new NDList();
    NDArray embedding = stacked(List.of(layout.embedding()));
    weights.add(embedding);
    weights.add(stacked(List.of(layout.finalNorm())));
    weights.add(
        layout.head().equals(layout.embedding()) ? embedding : stacked(List.of(layout.head())));
    for (int layer = 0; layer < checkpoint.config().numHiddenLayers(); layer++) {
      for (Place place : Place.values()) {
        weights.add(stacked(layout.weights(layer, place)));
        if (place.isLinear()) {
          weights.add(joined(layout.biases(layer, place)));
        }
      }
    }
    return weights;
  }

  /** Matrices one below the other; vectors as the rows of one, a single one as it is. */
  private NDArray stacked(List<String> names) {
    if (names.isEmpty()) {
      return empty();
    }
    long[] shape = checkpoint.shape(names.get(0));
    NDArray matrix = matrix(Math.toIntExact(shape[shape.length - 1]), names);
    return shape.length == 1 && names.size() == 1 ? matrix.reshape(-1) : matrix;
  }

  /** Vectors one behind the other. */
  private NDArray joined(List<String> names) {
    return names.isEmpty() ? empty() : matrix(1, names).reshape(-1);
  }

  private NDArray empty() {
    return owner.create(new float[0]);
  }

  /** The tensors of those names, one below the other, as [rows, columns]. */
  private NDArray matrix(int columns, List<String> names) {
    long rows = 0;
    for (String name : names) {
      rows += size(name) / columns;
    }
    try (NDManager scope = owner.newSubManager()) {
      NDArray matrix =
          script
              .runWithAutograd(owner, "allocate", scope.create(rows), scope.create((long) columns))
              .get(0);
      long row = 0;
      for (String name : names) {
        fill(matrix, row, columns, name);
        row += size(name) / columns;
      }
      return matrix;
    }
  }

  private long size(String name) {
    long size = 1;
    for (long dimension : checkpoint.shape(name)) {
      size *= dimension;
    }
    return size;
  }

  private void fill(NDArray matrix, long firstRow, int columns, String name) {
    long rowBytes = (long) columns * checkpoint.dataType(name).bytes();
    long rows = size(name) / columns;
    long code = EngineTypes.code(checkpoint.dataType(name));
    long step = Math.max(1, SLICE_BYTES / rowBytes);
    for (long row = 0; row < rows; row += step) {
      long count = Math.min(step, rows - row);
      ByteBuffer bytes = buffer(Math.toIntExact(count * rowBytes));
      checkpoint.read(name, row * rowBytes, bytes);
      bytes.flip();
      try (NDManager scope = owner.newSubManager()) {
        NDArray raw = scope.create(bytes, new Shape(bytes.remaining()), DataType.UINT8);
        script.run(scope, "fill", matrix, raw, firstRow + row, count, code);
      }
    }
  }

  /** One buffer serves all slices: mapped pages would count as this process's memory. */
  private ByteBuffer buffer(int bytes) {
    if (slice.capacity() < bytes) {
      slice = ByteBuffer.allocateDirect(bytes);
    }
    return slice.clear().limit(bytes);
  }
}
