package io.github.moa4j.core.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.kernel.WeightFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Brings a checkpoint's weights into the arrays that the script binds, in one pass over the files
 * that also fingerprints them. They are fused on the way as the layout says: q, k and v become one
 * matrix, gate and up another. Beside what is kept, a piece of a tensor exists, and of a format
 * that is packed one whole matrix.
 */
final class WeightLoader {

  /**
   * What was loaded.
   *
   * @param weights in the order that {@code decoder.torchscript} states
   * @param fingerprint of the base
   */
  record Loaded(NDList weights, String fingerprint) {}

  /** A matrix of the kernel, which takes memory from its first row on. */
  private static final class Matrix {
    private final Supplier<GatheredRows> start;
    private GatheredRows rows;

    Matrix(Supplier<GatheredRows> start) {
      this.start = start;
    }

    GatheredRows rows() {
      if (rows == null) {
        rows = start.get();
      }
      return rows;
    }
  }

  // Few enough that a window of rows stays in the processor's cache, and costs no page faults.
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int INT4_ROWS = 64;
  private static final int INT4_COLUMNS = 32;

  // From here on a product of integers is faster even for a single row, whose rounding takes
  // longer.
  private static final long INTEGER_PRODUCT_VALUES = 1L << 22;

  private static final Set<Place> OF_LAYER = EnumSet.range(Place.INPUT_NORM, Place.DOWN);
  private static final Set<Place> OF_EXPERT = EnumSet.of(Place.EXPERT_GATE_UP, Place.EXPERT_DOWN);

  private final TorchScript script;
  private final Checkpoint checkpoint;
  private final DecoderLayout layout;
  private final NDManager owner;
  private final WeightFormat format;
  private final long dtype;
  private final Map<String, Matrix> matrices = new HashMap<>(); // by tensor
  private final Map<String, Integer> copies = new HashMap<>(); // how often a tensor stands there
  private NDArray gathered; // what packed matrices are gathered in, one after the other

  private WeightLoader(
      TorchScript script, Checkpoint checkpoint, NDManager owner, WeightFormat format) {
    this.script = script;
    this.checkpoint = checkpoint;
    this.layout = DecoderLayout.of(checkpoint.config());
    this.owner = owner;
    this.format = format;
    this.dtype = EngineTypes.code(format);
  }

  /**
   * Loads all weights.
   *
   * @param owner of the arrays
   */
  static Loaded load(
      TorchScript script, Checkpoint checkpoint, NDManager owner, WeightFormat format) {
    WeightLoader loader = new WeightLoader(script, checkpoint, owner, format);
    List<Supplier<NDList>> parts = loader.parts();
    String fingerprint = checkpoint.read(loader::take);
    NDList weights = new NDList();
    parts.forEach(part -> weights.addAll(part.get()));
    if (loader.gathered != null) {
      loader.gathered.close();
    }
    return new Loaded(weights, fingerprint);
  }

  private void take(String name, long byteOffset, ByteBuffer bytes) {
    Matrix matrix = matrices.get(name);
    for (int copy = 0; copy < copies.get(name); copy++) {
      matrix
          .rows()
          .take(
              bytes.duplicate(),
              checkpoint.dataType(name).bytes(),
              EngineTypes.code(checkpoint.dataType(name)));
    }
  }

  /** What the script binds, to be asked for when all tensors have been read. */
  private List<Supplier<NDList>> parts() {
    List<Supplier<NDList>> parts = new ArrayList<>(embeddingAndHead());
    parts.add(norm(List.of(layout.finalNorm()), checkpoint.config().hiddenSize()));
    for (int layer = 0; layer < checkpoint.config().numHiddenLayers(); layer++) {
      for (Place place : OF_LAYER) {
        List<String> names = layout.weights(layer, place);
        if (place.isLinear() && names.isEmpty()) {
          parts.add(() -> new NDList(empty(), empty(), empty()));
        } else if (place.isLinear()) {
          parts.add(map(names, format));
          parts.add(bias(layout.biases(layer, place)));
        } else if (place == Place.QUERY_KEY_NORM) {
          parts.add(norm(names, checkpoint.config().headDim()));
        } else {
          parts.add(norm(names, checkpoint.config().hiddenSize()));
        }
      }
    }
    for (int layer = 0; layer < checkpoint.config().numHiddenLayers(); layer++) {
      if (checkpoint.config().experts().in(layer)) {
        addExperts(layer, parts);
      }
    }
    return parts;
  }

  private void addExperts(int layer, List<Supplier<NDList>> parts) {
    List<String> router = layout.weights(layer, Place.ROUTER);
    Supplier<NDList> rows = plain(router, columns(router), EngineTypes.F32);
    parts.add(() -> new NDList(rows.get().get(0)));
    for (int expert = 0; expert < checkpoint.config().experts().count(); expert++) {
      for (Place place : OF_EXPERT) {
        parts.add(map(layout.weights(layer, expert, place), format));
        parts.add(() -> new NDList(empty()));
      }
    }
  }

  /** Weight and scale of both. A token's row is looked up in the embedding. */
  private List<Supplier<NDList>> embeddingAndHead() {
    List<String> names = List.of(layout.embedding());
    int columns = columns(names);
    boolean tied = layout.head().equals(layout.embedding());
    if (tied && format == WeightFormat.BF16) {
      return List.of(
          add(
              names,
              () ->
                  GatheredRows.packedAndRead(
                      script, owner, allocate(rows(names, columns), columns, dtype))));
    }
    boolean quantised = format == WeightFormat.INT8 || format == WeightFormat.INT4;
    if (tied && quantised && multipliedInIntegers(rows(names, columns), columns)) {
      long rows = rows(names, columns);
      return List.of(
          add(
              names,
              () ->
                  GatheredRows.quantisedPackedAndRead(script, owner, window(rows, columns), rows)));
    }
    Supplier<NDList> embedding =
        quantised ? quantised(names, WeightFormat.INT8) : plain(names, columns, dtype);
    return List.of(embedding, tied ? embedding : map(List.of(layout.head()), format));
  }

  /** A norm's weights in rows of that size, times its square root. */
  private Supplier<NDList> norm(List<String> names, int size) {
    if (names.isEmpty()) {
      return () -> new NDList(empty());
    }
    Supplier<NDList> rows = plain(names, size, EngineTypes.F32);
    double offset = checkpoint.config().design().normsAroundOne() ? 1 : 0;
    return () -> {
      NDArray weight = rows.get().get(0).addi(offset).muli(Math.sqrt(size));
      return new NDList(names.size() == 1 ? weight.reshape(-1) : weight);
    };
  }

  private Supplier<NDList> bias(List<String> names) {
    if (names.isEmpty()) {
      return () -> new NDList(empty());
    }
    Supplier<NDList> rows = plain(names, 1, EngineTypes.F32);
    return () -> new NDList(rows.get().get(0).reshape(-1));
  }

  private NDArray empty() {
    return owner.create(new float[0]);
  }

  /** Weight and scale of matrices one below the other. */
  private Supplier<NDList> map(List<String> names, WeightFormat wanted) {
    int columns = columns(names);
    long rows = rows(names, columns);
    return switch (wanted) {
      case F32 -> plain(names, columns, dtype);
      case BF16 -> add(names, () -> GatheredRows.packed(script, owner, gathering(rows, columns)));
      case INT8 -> int8(names);
      case INT4 ->
          rows % INT4_ROWS == 0 && columns % INT4_COLUMNS == 0
              ? quantised(names, WeightFormat.INT4)
              : int8(names);
    };
  }

  private Supplier<NDList> int8(List<String> names) {
    int columns = columns(names);
    long rows = rows(names, columns);
    return multipliedInIntegers(rows, columns)
        ? add(
            names,
            () -> GatheredRows.quantisedAndPacked(script, owner, window(rows, columns), rows))
        : quantised(names, WeightFormat.INT8);
  }

  private static boolean multipliedInIntegers(long rows, long columns) {
    return rows * columns >= INTEGER_PRODUCT_VALUES && ProcessorFeatures.multipliesInt8();
  }

  private Supplier<NDList> plain(List<String> names, int columns, long type) {
    long rows = rows(names, columns);
    return add(names, () -> GatheredRows.plain(script, owner, allocate(rows, columns, type)));
  }

  private Supplier<NDList> quantised(List<String> names, WeightFormat form) {
    int columns = columns(names);
    long rows = rows(names, columns);
    return add(
        names, () -> GatheredRows.quantised(script, owner, window(rows, columns), rows, form));
  }

  /** Memory for some of a matrix's rows, f32, on their way to int8 or int4. */
  private NDArray window(long rows, long columns) {
    long step = Math.max(1, WINDOW_BYTES / (4L * columns * INT4_ROWS)) * INT4_ROWS;
    return allocate(Math.min(step, rows), columns, EngineTypes.F32);
  }

  private Supplier<NDList> add(List<String> names, Supplier<GatheredRows> start) {
    Matrix matrix = new Matrix(start);
    for (String name : names) {
      matrices.put(name, matrix);
      copies.merge(name, 1, Integer::sum);
    }
    return () -> matrix.rows().result();
  }

  /** Rows in memory that serves all packed matrices, so that it is taken from the system once. */
  private NDArray gathering(long rows, long columns) {
    if (gathered == null || gathered.size() < rows * columns) {
      if (gathered != null) {
        gathered.close();
      }
      gathered = allocate(1, rows * columns, dtype);
    }
    try (NDManager scope = owner.newSubManager()) {
      return script
          .runWithAutograd(owner, "shaped", gathered, scope.create(rows), scope.create(columns))
          .get(0);
    }
  }

  private NDArray allocate(long rows, long columns, long type) {
    try (NDManager scope = owner.newSubManager()) {
      return script
          .runWithAutograd(
              owner, "allocate", scope.create(rows), scope.create(columns), scope.create(type))
          .get(0);
    }
  }

  private int columns(List<String> names) {
    long[] shape = checkpoint.shape(names.get(0));
    return Math.toIntExact(shape[shape.length - 1]);
  }

  private long rows(List<String> names, int columns) {
    long rows = 0;
    for (String name : names) {
      long size = 1;
      for (long dimension : checkpoint.shape(name)) {
        size *= dimension;
      }
      rows += size / columns;
    }
    return rows;
  }
}
