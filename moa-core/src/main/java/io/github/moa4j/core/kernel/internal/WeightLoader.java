package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.kernel.WeightFormat;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies a checkpoint's weights into the arrays that the script binds, fused on the way as the
 * layout says: q, k and v become one matrix, gate and up another. Beside what is kept, a slice of a
 * tensor exists, and of a format that is packed one whole matrix.
 */
final class WeightLoader {

  // Small enough that the slice stays in the processor's cache, and costs no page faults.
  private static final int SLICE_BYTES = 1 << 20;
  private static final int INT4_ROWS = 64;
  private static final int INT4_COLUMNS = 32;

  private final TorchScript script;
  private final Checkpoint checkpoint;
  private final DecoderLayout layout;
  private final NDManager owner;
  private final WeightFormat format;
  private final long dtype;
  private ByteBuffer slice = ByteBuffer.allocateDirect(0);

  WeightLoader(TorchScript script, Checkpoint checkpoint, NDManager owner, WeightFormat format) {
    this.script = script;
    this.checkpoint = checkpoint;
    this.layout = DecoderLayout.of(checkpoint.config());
    this.owner = owner;
    this.format = format;
    this.dtype = EngineTypes.code(format);
  }

  /** Returns the arrays in the order that {@code decoder.torchscript} states. */
  NDList load() {
    NDList weights = embeddingAndHead();
    weights.add(norm(List.of(layout.finalNorm())));
    for (int layer = 0; layer < checkpoint.config().numHiddenLayers(); layer++) {
      for (Place place : Place.values()) {
        List<String> names = layout.weights(layer, place);
        if (place.isLinear()) {
          weights.addAll(map(names, format));
          List<String> biases = layout.biases(layer, place);
          weights.add(biases.isEmpty() ? empty() : plain(biases, 1, EngineTypes.F32).reshape(-1));
        } else {
          weights.add(names.isEmpty() ? empty() : norm(names));
        }
      }
    }
    return weights;
  }

  /** Weight and scale of both. A token's row is looked up in the embedding, so it is not packed. */
  private NDList embeddingAndHead() {
    List<String> embedding = List.of(layout.embedding());
    NDList both =
        switch (format) {
          case F32, BF16 -> new NDList(plain(embedding, columns(embedding), dtype), empty());
          case INT8, INT4 -> map(embedding, WeightFormat.INT8);
        };
    boolean tied = layout.head().equals(layout.embedding());
    if (tied && format == WeightFormat.BF16) {
      both.add(packed(both.get(0)));
      both.add(empty());
    } else if (tied) {
      both.addAll(new NDList(both));
    } else {
      both.addAll(map(List.of(layout.head()), format));
    }
    return both;
  }

  /** A norm's weights, times the square root of their number. */
  private NDArray norm(List<String> names) {
    int size = columns(names);
    NDArray weight = plain(names, size, EngineTypes.F32).muli(Math.sqrt(size));
    return names.size() == 1 ? weight.reshape(-1) : weight;
  }

  private int columns(List<String> names) {
    long[] shape = checkpoint.shape(names.get(0));
    return Math.toIntExact(shape[shape.length - 1]);
  }

  /** Weight and scale of matrices one below the other. */
  private NDList map(List<String> names, WeightFormat wanted) {
    int columns = columns(names);
    return switch (wanted) {
      case F32 -> new NDList(plain(names, columns, dtype), empty());
      case BF16 -> {
        try (NDArray whole = plain(names, columns, dtype)) {
          yield new NDList(packed(whole), empty());
        }
      }
      case INT8 -> quantised(names, columns, "int8");
      case INT4 ->
          rows(names, columns) % INT4_ROWS == 0 && columns % INT4_COLUMNS == 0
              ? quantised(names, columns, "int4")
              : quantised(names, columns, "int8");
    };
  }

  private NDArray packed(NDArray weight) {
    return script.runWithAutograd(owner, "packed", weight).get(0);
  }

  private NDArray empty() {
    return owner.create(new float[0]);
  }

  /** The tensors of those names, one below the other, as [rows, columns] of an engine's type. */
  private NDArray plain(List<String> names, int columns, long type) {
    NDArray matrix = allocate(rows(names, columns), columns, type);
    fill(matrix, new Rows(names, columns), 0, rows(names, columns));
    return matrix;
  }

  private NDArray allocate(long rows, long columns, long type) {
    try (NDManager scope = owner.newSubManager()) {
      return script
          .runWithAutograd(
              owner, "allocate", scope.create(rows), scope.create(columns), scope.create(type))
          .get(0);
    }
  }

  /** Weight and scale, made of some rows at a time. */
  private NDList quantised(List<String> names, int columns, String form) {
    long rows = rows(names, columns);
    NDList target;
    try (NDManager scope = owner.newSubManager()) {
      target =
          script.runWithAutograd(
              owner, "new_" + form, scope.create(rows), scope.create((long) columns));
    }
    long step = Math.max(1, SLICE_BYTES / (4L * columns * INT4_ROWS)) * INT4_ROWS;
    Rows source = new Rows(names, columns);
    try (NDArray part = allocate(Math.min(step, rows), columns, EngineTypes.F32)) {
      for (long row = 0; row < rows; row += step) {
        long count = Math.min(step, rows - row);
        fill(part, source, row, count);
        try (NDManager scope = owner.newSubManager()) {
          script.run(scope, "fill_" + form, target, part, row, count);
        }
      }
    }
    return target;
  }

  private long rows(List<String> names, int columns) {
    return names.stream().mapToLong(name -> size(name) / columns).sum();
  }

  private long size(String name) {
    long size = 1;
    for (long dimension : checkpoint.shape(name)) {
      size *= dimension;
    }
    return size;
  }

  /** The rows of tensors that lie one below the other. */
  private record Rows(List<String> names, int columns) {}

  /** Copies count rows from firstRow on to the first rows of an array. */
  private void fill(NDArray target, Rows source, long firstRow, long count) {
    long start = 0; // of the tensor, among all rows
    for (String name : source.names()) {
      long rows = size(name) / source.columns();
      long from = Math.max(firstRow, start);
      long end = Math.min(firstRow + count, start + rows);
      if (from < end) {
        fill(target, from - firstRow, source.columns(), name, from - start, end - from);
      }
      start += rows;
    }
  }

  private void fill(
      NDArray target, long targetRow, int columns, String name, long firstRow, long rows) {
    long rowBytes = (long) columns * checkpoint.dataType(name).bytes();
    long code = EngineTypes.code(checkpoint.dataType(name));
    long step = Math.max(1, SLICE_BYTES / rowBytes);
    for (long row = 0; row < rows; row += step) {
      long count = Math.min(step, rows - row);
      ByteBuffer bytes = buffer(Math.toIntExact(count * rowBytes));
      checkpoint.read(name, (firstRow + row) * rowBytes, bytes);
      bytes.flip();
      try (NDManager scope = owner.newSubManager()) {
        NDArray raw = scope.create(bytes, new Shape(bytes.remaining()), DataType.UINT8);
        script.run(scope, "fill", target, raw, targetRow + row, count, code);
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
