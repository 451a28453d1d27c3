package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.config.RotaryFrequencies;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.internal.AdapterParts.Row;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lays token ids, their positions and the choice of adapters out for the kernel. */
final class PassLayout {

  private final DecoderKernel kernel;
  private final int layers;
  private final List<RotaryFrequencies>
      rotary; // of all layers; or of those without a window and with
  private final NDArray frequencies; // of passes in which no length matters

  /**
   * Creates a layout for models of a shape.
   *
   * @param manager owner of what all passes share
   */
  PassLayout(NDManager manager, DecoderKernel kernel, ModelConfig config) {
    this.kernel = kernel;
    this.layers = config.numHiddenLayers();
    this.rotary =
        Stream.of(config.rope(), config.windowRope())
            .distinct()
            .map(RotaryFrequencies::of)
            .toList();
    this.frequencies = frequencies(manager, new int[] {1});
  }

  /** A pass over whole sequences. */
  DecoderPass whole(NDManager scope, TokenBatch batch, List<AdapterChoice> choices) {
    requireOneEach(batch, choices);
    List<Span> spans = Pieces.whole(batch);
    int[] past = new int[batch.rows()];
    DecoderPass.Parts parts = AdapterParts.of(scope, kernel, layers, rows(choices, spans, past));
    return of(scope, batch, spans, past, past, 0, parts); // no cache, no slots
  }

  /** A pass over whole sequences through adapters that the caller lays out. */
  DecoderPass whole(NDManager scope, TokenBatch batch, DecoderPass.Parts parts) {
    int[] past = new int[batch.rows()];
    return of(scope, batch, Pieces.whole(batch), past, past, 0, parts);
  }

  /**
   * A pass over some tokens of a batch, which follow what a cache holds.
   *
   * @param past tokens of each sequence in the cache before the batch
   */
  DecoderPass appended(
      NDManager scope,
      TokenBatch batch,
      List<Span> spans,
      List<AdapterChoice> choices,
      KeyValueCache cache,
      int[] slots,
      int[] past) {
    requireOneEach(batch, choices);
    List<Row> rows = rows(choices, spans, past);
    boolean step = spans.stream().allMatch(span -> span.length() == 1);
    for (Span span : spans) {
      cache.prepareTokens(slots[span.row()], past[span.row()] + span.from(), span.length());
    }
    DecoderPass.Parts parts =
        step
            ? AdapterParts.ofStep(scope, kernel, layers, rows, cache.seats())
            : AdapterParts.of(scope, kernel, layers, rows);
    long longest = step ? cache.longestOfStep(slots) : 0;
    return of(scope, batch, spans, slots, past, longest, parts);
  }

  private static void requireOneEach(TokenBatch batch, List<AdapterChoice> choices) {
    if (choices.size() != batch.rows()) {
      throw new IllegalArgumentException(
          "A batch of %d rows needs one adapter choice a row, not %d"
              .formatted(batch.rows(), choices.size()));
    }
  }

  private static List<Row> rows(List<AdapterChoice> choices, List<Span> spans, int[] past) {
    List<Row> rows = new ArrayList<>();
    spans.forEach(span -> rows.add(Row.of(choices.get(span.row()), span, past[span.row()])));
    return rows;
  }

  private DecoderPass of(
      NDManager scope,
      TokenBatch batch,
      List<Span> spans,
      int[] slots,
      int[] past,
      long longest,
      DecoderPass.Parts parts) {
    int size = spans.stream().mapToInt(Span::length).sum();
    long[] tokens = new long[size];
    long[] positions = new long[size];
    long[] sequences = new long[3 * spans.size()];
    int[] lengths = new int[size];
    int next = 0;
    int at = 0;
    for (Span span : spans) {
      int row = span.row();
      sequences[next++] = slots[row];
      sequences[next++] = (long) past[row] + span.from();
      sequences[next++] = span.length();
      for (int i = span.from(); i < span.end(); i++) {
        tokens[at] = batch.tokens()[batch.offsets()[row] + i];
        lengths[at] = past[row] + batch.length(row);
        positions[at++] = (long) past[row] + i;
      }
    }
    return new DecoderPass(
        scope.create(tokens),
        scope.create(positions),
        sequences,
        longest,
        frequenciesOf(scope, lengths),
        parts);
  }

  boolean dependsOnLength() {
    return rotary.stream().anyMatch(RotaryFrequencies::dependsOnLength);
  }

  private NDArray frequenciesOf(NDManager scope, int[] lengths) {
    return dependsOnLength() ? frequencies(scope, lengths) : frequencies;
  }

  /** The frequencies of tokens in sequences of those lengths, [(2,) tokens, turned dims / 2]. */
  private NDArray frequencies(NDManager scope, int[] lengths) {
    int half = rotary.get(0).rotaryDims() / 2;
    float[] rows = new float[rotary.size() * lengths.length * half];
    int at = 0;
    for (RotaryFrequencies own : rotary) {
      for (int i = 0; i < lengths.length; i++) {
        if (i > 0 && lengths[i] == lengths[i - 1]) {
          System.arraycopy(rows, at - half, rows, at, half);
        } else {
          System.arraycopy(own.inverseFrequencies(lengths[i]), 0, rows, at, half);
        }
        at += half;
      }
    }
    return scope.create(
        rows,
        rotary.size() == 1
            ? new Shape(lengths.length, half)
            : new Shape(rotary.size(), lengths.length, half));
  }
}
