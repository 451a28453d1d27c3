package io.github.moa4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A {@link BaseModel} behind DJL's {@code Block}, for use with DJL's own {@code Model}, {@code
 * Predictor} and text generation.
 *
 * <p>Inputs, in this order:
 *
 * <ol>
 *   <li>token ids, i64 or i32 [batch, seq];
 *   <li>optionally the attention mask, of any numeric type, [batch, past + seq]: 1 on tokens, 0 on
 *       padding, which may stand on the left of a row, on its right, or both;
 *   <li>optionally, with a cache only and after a mask, what an earlier call returned behind the
 *       logits: key and value [batch, kvHeads, past, headDim] of each layer, in DJL's and Hugging
 *       Face's order (key of layer 0, value of layer 0, key of layer 1, ...).
 * </ol>
 *
 * <p>Output: the logits f32 [batch, seq, vocabSize], which hold no meaning on padding; with a cache
 * then key and value [batch, kvHeads, past + seq, headDim] of each layer, in the compute type. All
 * belong to the manager of the token ids.
 *
 * <p>The cache is copied at every call, as the interface of a block asks for; {@link
 * BaseModel#extend} is the faster way. The block has no parameters, so a DJL trainer finds nothing
 * to change, and it owns no native memory: it is of use as long as the model is open. Thread-safe.
 */
public final class DecoderBlock extends AbstractBlock {

  private static final int PAST = 2; // index of the first key among the inputs

  private final BaseModel model;
  private final AdapterChoice choice;
  private final boolean withCache;

  /** Creates a block of the base alone that returns logits only. */
  public DecoderBlock(BaseModel model) {
    this(model, AdapterChoice.base(), false);
  }

  /**
   * Creates a block.
   *
   * @param model stays owned by the caller
   * @param choice the adapters that every row runs through
   * @param withCache whether keys and values are returned and may be passed in
   */
  public DecoderBlock(BaseModel model, AdapterChoice choice, boolean withCache) {
    this.model = model;
    this.choice = choice;
    this.withCache = withCache;
    this.inputNames = List.of("inputIds", "attentionMask");
    this.inputShapes = new Shape[] {new Shape(-1, -1), new Shape(-1, -1)};
  }

  /**
   * Runs the model.
   *
   * @throws IllegalArgumentException if an input has a wrong shape or type, or the mask hides a
   *     token between others
   * @throws ContextLengthException if a row is longer than the model's context
   * @throws UnsupportedOperationException in training: the base is frozen
   */
  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      PairList<String, Object> params) {
    if (training) {
      throw new UnsupportedOperationException(
          "The decoder is frozen and computes no gradient for DJL's trainer; call it with training ="
              + " false, and train an adapter by BaseModel.gradients instead");
    }
    NDArray ids = inputs.head();
    checkIds(ids);
    NDList past = past(inputs, ids);
    int before = past.isEmpty() ? 0 : Math.toIntExact(past.head().getShape().get(2));
    int rows = Math.toIntExact(ids.getShape().get(0));
    int length = Math.toIntExact(ids.getShape().get(1));
    int[] padding =
        inputs.size() > 1 ? padding(inputs.get(1), rows, before + length) : new int[rows];
    // The rows' own padding is hidden by the mask over past and new tokens.
    TokenBatch batch = new TokenBatch(toLongs(ids), rows, length, new int[rows]);
    List<AdapterChoice> choices = Collections.nCopies(rows, choice);
    NDManager owner = ids.getManager();
    if (withCache) {
      return model.logitsAndCache(owner, batch, padding, choices, past);
    }
    return new NDList(
        model.logits(owner, new TokenBatch(batch.tokens(), rows, length, padding), choices));
  }

  private static void checkIds(NDArray ids) {
    Shape shape = ids.getShape();
    if (shape.dimension() != 2
        || shape.size() == 0
        || (ids.getDataType() != DataType.INT64 && ids.getDataType() != DataType.INT32)) {
      throw new IllegalArgumentException(
          "The first input must be token ids, i64 or i32 [batch, seq], not %s %s"
              .formatted(ids.getDataType(), shape));
    }
  }

  private NDList past(NDList inputs, NDArray ids) {
    if (inputs.size() <= PAST) {
      return new NDList();
    }
    int expected = withCache ? 2 * model.config().numHiddenLayers() : 0;
    NDList past = inputs.subNDList(PAST);
    if (past.size() != expected) {
      throw new IllegalArgumentException(
          withCache
              ? "Behind token ids and attention mask, key and value of each layer are expected, %d arrays, not %d"
                  .formatted(expected, past.size())
              : "This block takes token ids and an attention mask only: create it with a cache to pass keys and values");
    }
    Shape first = past.head().getShape();
    Shape wanted =
        new Shape(
            ids.getShape().get(0),
            model.config().numKeyValueHeads(),
            first.dimension() == 4 ? first.get(2) : -1,
            model.config().headDim());
    for (NDArray array : past) {
      if (!array.getShape().equals(wanted)) {
        throw new IllegalArgumentException(
            "A key or value has the shape %s, expected %s".formatted(array.getShape(), wanted));
      }
    }
    return past;
  }

  /** The number of zeros on the left of each row of the mask. */
  private static int[] padding(NDArray mask, int rows, int columns) {
    if (!mask.getShape().equals(new Shape(rows, columns))) {
      throw new IllegalArgumentException(
          "The attention mask must cover past and new tokens, %s, not %s"
              .formatted(new Shape(rows, columns), mask.getShape()));
    }
    boolean[] visible = visible(mask);
    int[] padding = new int[rows];
    for (int row = 0; row < rows; row++) {
      int first = 0;
      while (first < columns && !visible[row * columns + first]) {
        first++;
      }
      int end = first;
      while (end < columns && visible[row * columns + end]) {
        end++;
      }
      for (int column = end; column < columns; column++) {
        if (visible[row * columns + column]) {
          throw new IllegalArgumentException(
              "Row %d of the attention mask hides position %d between tokens: only the ends of a row may be padding"
                  .formatted(row, end));
        }
      }
      if (first == columns) {
        throw new IllegalArgumentException(
            "Row %d of the attention mask hides every token".formatted(row));
      }
      padding[row] = first;
    }
    return padding;
  }

  private static boolean[] visible(NDArray mask) {
    try (NDArray differs = mask.neq(0)) {
      return differs.toBooleanArray();
    }
  }

  private static long[] toLongs(NDArray ids) {
    return ids.getDataType() == DataType.INT64
        ? ids.toLongArray()
        : Arrays.stream(ids.toIntArray()).asLongStream().toArray();
  }

  /** Returns the shapes of logits and, with a cache, of keys and values. */
  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long rows = inputShapes[0].get(0);
    long length = inputShapes[0].get(1);
    Shape logits = new Shape(rows, length, model.config().vocabSize());
    if (!withCache) {
      return new Shape[] {logits};
    }
    long past = inputShapes.length > PAST ? inputShapes[PAST].get(2) : 0;
    Shape[] shapes = new Shape[1 + 2 * model.config().numHiddenLayers()];
    Arrays.fill(
        shapes,
        new Shape(
            rows, model.config().numKeyValueHeads(), past + length, model.config().headDim()));
    shapes[0] = logits;
    return shapes;
  }
}
