package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.WeightFormat;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The rows of one matrix of the kernel, as they are read from its first to its last: of one tensor
 * of the checkpoint, or of several one below the other. They are gathered in a window, all of them
 * or some at a time, and brought from there into the form in which the script keeps them.
 */
final class GatheredRows {

  /** What becomes of a window that is full. */
  private interface Use {
    void take(NDArray window, long firstRow, long count);
  }

  private final TorchScript script;
  private final NDManager scope;
  private final NDArray window; // [rows at a time, columns]
  private final NDList result; // weight and scale
  private final long rows;
  private final Use use;
  private long taken; // of all rows
  private long filled; // of the window

  private GatheredRows(
      TorchScript script, NDManager scope, NDArray window, NDList result, long rows, Use use) {
    this.script = script;
    this.scope = scope;
    this.window = window;
    this.result = result;
    this.rows = rows;
    this.use = use;
  }

  /** Rows that are kept as they are, in the window's own type. */
  static GatheredRows plain(TorchScript script, NDManager owner, NDArray window) {
    return new GatheredRows(
        script,
        owner,
        window,
        new NDList(window, owner.create(new float[0])),
        window.getShape().get(0),
        (whole, firstRow, count) -> {});
  }

  /**
   * Rows that are laid out for the processor when all are there.
   *
   * @param window for all rows; it serves the next matrix again
   */
  static GatheredRows packed(TorchScript script, NDManager owner, NDArray window) {
    NDList result = new NDList();
    return new GatheredRows(
        script,
        owner,
        window,
        result,
        window.getShape().get(0),
        (whole, firstRow, count) -> {
          result.addAll(script.runWithAutograd(owner, "packed", whole));
          result.add(owner.create(new float[0]));
          whole.close();
        });
  }

  /**
   * Rows that are laid out for the processor, and of which single ones are read too: weight and
   * scale for reading, then weight and scale for products. The window is kept only if the engine's
   * layout cannot be read.
   */
  static GatheredRows packedAndRead(TorchScript script, NDManager owner, NDArray window) {
    NDList result = new NDList();
    return new GatheredRows(
        script,
        owner,
        window,
        result,
        window.getShape().get(0),
        (whole, firstRow, count) -> {
          NDArray packed = script.runWithAutograd(owner, "packed", whole).get(0);
          Optional<NDArray> rows = PackedRows.of(script, owner, packed, whole, Short.BYTES);
          result.add(rows.orElse(whole));
          result.add(owner.create(new float[0]));
          result.add(packed);
          result.add(owner.create(new float[0]));
          if (rows.isPresent()) {
            whole.close();
          }
        });
  }

  /**
   * Rows that are rounded to steps, a window of them at a time.
   *
   * @param format int8 or int4
   * @param window f32
   */
  static GatheredRows quantised(
      TorchScript script, NDManager owner, NDArray window, long rows, WeightFormat format) {
    return quantised(script, owner, window, rows, format, whole -> {});
  }

  /** Rows in int8 that are laid out for the processor's products of integers when all are there. */
  static GatheredRows quantisedAndPacked(
      TorchScript script, NDManager owner, NDArray window, long rows) {
    return quantised(
        script,
        owner,
        window,
        rows,
        WeightFormat.INT8,
        whole -> {
          NDList packed = script.runWithAutograd(owner, "packed_int8", whole.toArray());
          whole.close();
          whole.clear();
          whole.addAll(packed);
        });
  }

  /** As {@link #quantisedAndPacked}, of which single rows are read too. */
  static GatheredRows quantisedPackedAndRead(
      TorchScript script, NDManager owner, NDArray window, long rows) {
    return quantised(
        script,
        owner,
        window,
        rows,
        WeightFormat.INT8,
        whole -> {
          NDList packed = script.runWithAutograd(owner, "packed_int8", whole.toArray());
          NDArray plain = whole.get(0);
          Optional<NDArray> read = PackedRows.of(script, owner, packed.get(0), plain, Byte.BYTES);
          if (read.isPresent()) {
            whole.set(0, read.get());
            plain.close();
          }
          whole.addAll(packed);
        });
  }

  private static GatheredRows quantised(
      TorchScript script,
      NDManager owner,
      NDArray window,
      long rows,
      WeightFormat format,
      Consumer<NDList> whenWhole) {
    String form = format == WeightFormat.INT4 ? "int4" : "int8";
    NDList target;
    try (NDManager scope = owner.newSubManager()) {
      NDArray columns = scope.create(window.getShape().get(1));
      target = script.runWithAutograd(owner, "new_" + form, scope.create(rows), columns);
    }
    return new GatheredRows(
        script,
        owner,
        window,
        target,
        rows,
        (part, firstRow, count) -> {
          try (NDManager scope = owner.newSubManager()) {
            script.run(scope, "fill_" + form, target, part, firstRow, count);
          }
          if (firstRow + count == rows) {
            part.close();
            whenWhole.accept(target);
          }
        });
  }

  /**
   * Takes whole rows.
   *
   * @param bytes direct, from position 0 to the limit
   * @param elementBytes of one value
   * @param type the engine's number of their type
   */
  void take(ByteBuffer bytes, int elementBytes, long type) {
    int rowBytes = Math.toIntExact(window.getShape().get(1)) * elementBytes;
    while (bytes.hasRemaining()) {
      long room = Math.min(window.getShape().get(0), rows - taken + filled) - filled;
      long count = Math.min(room, bytes.remaining() / rowBytes);
      int length = Math.toIntExact(count * rowBytes);
      try (NDManager call = scope.newSubManager()) {
        ByteBuffer part = bytes.slice(bytes.position(), length);
        NDArray raw = call.create(part, new Shape(length), DataType.UINT8);
        script.run(call, "fill", window, raw, filled, count, type);
      }
      bytes.position(bytes.position() + length);
      filled += count;
      taken += count;
      if (count == room) {
        use.take(window, taken - filled, filled);
        filled = 0;
      }
    }
  }

  /** Returns weight and scale, once all rows were taken. */
  NDList result() {
    if (taken < rows) {
      throw new IllegalStateException("Only " + taken + " of " + rows + " rows were taken.");
    }
    return result;
  }
}
