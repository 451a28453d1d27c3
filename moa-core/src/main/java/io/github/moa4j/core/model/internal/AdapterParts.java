package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.kernel.internal.DecoderPass;
import io.github.moa4j.core.kernel.internal.TensorList;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.internal.FusedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.internal.Pieces.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Lays the choices of a pass's sequences out for the kernel. Neighbours of one choice share a part,
 * that sees their tokens only; the rows of a decoding batch share one part for all their adapters.
 */
final class AdapterParts {

  private final NDManager scope;
  private final DecoderKernel kernel;
  private final int layers;
  private final List<TensorList> adapters = new ArrayList<>();
  private final List<Long> ranges = new ArrayList<>();
  private final List<NDArray> gates = new ArrayList<>();
  private final List<TensorList> vocabulary = new ArrayList<>();
  private final List<NDArray> groups = new ArrayList<>();
  private List<NDArray> gating = List.of();

  private AdapterParts(NDManager scope, DecoderKernel kernel, int layers) {
    this.scope = scope;
    this.kernel = kernel;
    this.layers = layers;
  }

  /**
   * Lays out a pass.
   *
   * @param scope owner of the gates
   * @param rows the pass's tokens by sequence
   * @throws IllegalArgumentException if a choice has shares for another number of layers
   */
  static DecoderPass.Parts of(NDManager scope, DecoderKernel kernel, int layers, List<Row> rows) {
    AdapterParts parts = new AdapterParts(scope, kernel, layers);
    rows.forEach(row -> parts.check(row.choice()));
    int start = 0;
    for (int i = 0; i < rows.size(); ) {
      int end = i;
      while (end < rows.size() && rows.get(end).canShareWith(rows.get(i))) {
        end++;
      }
      start = parts.add(rows.subList(i, end), start);
      i = end;
    }
    return parts.found(rows);
  }

  /**
   * Lays out the rows of a decoding batch, one token each.
   *
   * @param seats of the batch's adapters
   */
  static DecoderPass.Parts ofStep(
      NDManager scope, DecoderKernel kernel, int layers, List<Row> rows, AdapterSeats seats) {
    List<FusedLora> distinct = distinct(rows);
    if (rows.size() < 2
        || distinct.isEmpty()
        || !distinct.stream().allMatch(FusedLora::canSitBeside)) {
      return of(scope, kernel, layers, rows);
    }
    AdapterParts parts = new AdapterParts(scope, kernel, layers);
    rows.forEach(row -> parts.check(row.choice()));
    if (distinct.size() == 1) {
      parts.add(rows, distinct.get(0), 0);
    } else if (seats.seat(distinct)) {
      parts.addSeated(rows, seats);
    } else {
      return of(scope, kernel, layers, rows);
    }
    return parts.found(rows);
  }

  /** One adapter on all tokens, without a gate. */
  static DecoderPass.Parts whole(DecoderKernel kernel, FusedLora adapter, int tokens) {
    return new DecoderPass.Parts(
        List.of(adapter.tensors()),
        new long[] {0, tokens, 0},
        List.of(),
        List.of(adapter.vocabulary()),
        List.of(),
        adapter.gating());
  }

  /** No adapter at all. */
  static DecoderPass.Parts none(DecoderKernel kernel) {
    TensorList nothing = kernel.nothing();
    return new DecoderPass.Parts(
        List.of(nothing), new long[0], List.of(), List.of(nothing), List.of(), List.of());
  }

  /**
   * Some tokens of a sequence.
   *
   * @param position of the first of them in the sequence
   */
  record Row(AdapterChoice choice, int position, int tokens) {

    static Row of(AdapterChoice choice, Span span, int past) {
      return new Row(choice, past + span.from(), span.length());
    }

    /** Whether this is the only new token behind others of its sequence. */
    private boolean isApart() {
      return tokens == 1 && position > 0;
    }

    private boolean canShareWith(Row other) {
      return choice.equals(other.choice) && isApart() == other.isApart();
    }
  }

  /**
   * Checks that an adapter can act in some layers and not in others.
   *
   * @throws AdapterException if it changes the embedding or the head
   */
  static void requireLayersOnly(FusedLora adapter) {
    if (adapter.changesVocabulary()) {
      throw new AdapterException(
          "An adapter that changes the embedding or the head acts on a whole sequence; it cannot be"
              + " chosen layer by layer. Use a router that takes one decision a sequence.");
    }
  }

  private static List<FusedLora> distinct(List<Row> rows) {
    return rows.stream()
        .flatMap(row -> row.choice().adapters().stream())
        .distinct()
        .map(FusedLora::of)
        .toList();
  }

  private void check(AdapterChoice choice) {
    int of = layersOfShares(choice);
    if (of != 1 && of != layers) {
      throw new IllegalArgumentException(
          "A choice has shares for %d layers, but the model has %d".formatted(of, layers));
    }
    if (of > 1) {
      choice.adapters().stream().map(FusedLora::of).forEach(AdapterParts::requireLayersOnly);
    }
  }

  /** Adds neighbours of one choice, and returns where their tokens end. */
  private int add(List<Row> rows, int start) {
    for (AppliedLora adapter : rows.get(0).choice().adapters()) {
      add(rows, FusedLora.of(adapter), start);
    }
    return start + rows.stream().mapToInt(Row::tokens).sum();
  }

  /** Adds one adapter for rows side by side, unless it acts on no token of them. */
  private void add(List<Row> rows, FusedLora adapter, int start) {
    int tokens = rows.stream().mapToInt(Row::tokens).sum();
    int of = rows.stream().mapToInt(row -> layersOfShares(row.choice())).max().orElse(1);
    float[] gate = new float[of * tokens];
    boolean open = true;
    boolean shut = true;
    int next = 0;
    for (int layer = 0; layer < of; layer++) {
      for (Row row : rows) {
        float share = share(row.choice(), adapter, layer);
        for (int i = 0; i < row.tokens(); i++) {
          float value = row.position() + i < row.choice().fromPosition() ? 0 : share;
          gate[next++] = value;
          open &= value == 1;
          shut &= value == 0;
        }
      }
    }
    if (shut) {
      return;
    }
    adapters.add(adapter.tensors());
    ranges.add((long) start);
    ranges.add((long) tokens);
    ranges.add(rows.get(0).isApart() ? 1L : 0L);
    gates.add(open ? scope.create(new float[0]) : scope.create(gate, new Shape(of, tokens, 1)));
    vocabulary.add(adapter.vocabulary());
    gating = adapter.gating();
  }

  /** What an adapter does to a row of a step. */
  private record Use(int row, int seat, AdapterChoice choice, FusedLora adapter) {}

  private void addSeated(List<Row> rows, AdapterSeats seats) {
    List<Use> uses = new ArrayList<>();
    int of = 1;
    for (int row = 0; row < rows.size(); row++) {
      AdapterChoice choice = rows.get(row).choice();
      if (rows.get(row).position() >= choice.fromPosition()) {
        of = Math.max(of, layersOfShares(choice));
        for (AppliedLora adapter : choice.adapters()) {
          FusedLora fused = FusedLora.of(adapter);
          uses.add(new Use(row, seats.seatOf(fused), choice, fused));
        }
      }
    }
    if (uses.isEmpty()) {
      return;
    }
    adapters.add(seats.tensors());
    vocabulary.add(kernel.nothing());
    for (Turn turn : turns(uses)) {
      ranges.add((long) turn.seat());
      groups.addAll(group(turn, of));
    }
  }

  /**
   * Uses that are computed at once, of rows that are all different.
   *
   * @param seat whose they are, or -1 for one of each seat that is there
   */
  private record Turn(int seat, List<Use> uses) {}

  /** Parts uses into few turns; a row's adapters act in their order. */
  private static List<Turn> turns(List<Use> uses) {
    List<Turn> turns = new ArrayList<>();
    List<Use> left = new ArrayList<>(uses);
    while (!left.isEmpty()) {
      Set<Integer> rows = new HashSet<>();
      Map<Integer, List<Use>> bySeat = new TreeMap<>();
      for (Use use : left) {
        if (rows.add(use.row())) {
          bySeat.computeIfAbsent(use.seat(), seat -> new ArrayList<>()).add(use);
        }
      }
      List<Use> most =
          Collections.max(bySeat.values(), Comparator.comparingInt((List<Use> own) -> own.size()));
      boolean ofOne = most.size() > bySeat.size();
      Turn turn =
          ofOne
              ? new Turn(most.get(0).seat(), most)
              : new Turn(-1, bySeat.values().stream().map(own -> own.get(0)).toList());
      turns.add(turn);
      left.removeAll(turn.uses());
    }
    return turns;
  }

  private List<NDArray> group(Turn turn, int of) {
    List<Use> uses = turn.uses();
    int count = turn.seat() < 0 ? uses.get(uses.size() - 1).seat() + 1 : uses.size();
    long[] taken = new long[count];
    long[] counting = new long[uses.size()];
    float[] shares = new float[of * count];
    boolean whole = true;
    for (int i = 0; i < uses.size(); i++) {
      Use use = uses.get(i);
      int place = turn.seat() < 0 ? use.seat() : i;
      taken[place] = use.row();
      counting[i] = place;
      for (int layer = 0; layer < of; layer++) {
        float share = share(use.choice(), use.adapter(), layer);
        shares[layer * count + place] = share;
        whole &= share == 1;
      }
    }
    return List.of(
        scope.create(taken),
        scope.create(counting),
        scope.create(uses.stream().mapToLong(Use::row).toArray()),
        whole ? scope.create(new float[0]) : scope.create(shares, new Shape(of, count, 1)));
  }

  private DecoderPass.Parts found(List<Row> rows) {
    if (adapters.isEmpty()) {
      return none(kernel);
    }
    boolean gated = distinct(rows).stream().anyMatch(adapter -> !adapter.gating().isEmpty());
    if (gated && (adapters.size() > 1 || gates.get(0).size() > 0 || baseAlone(rows))) {
      throw new IllegalArgumentException(
          "Experts that choose by token share a batch with no other adapter: give every row the"
              + " same choice, over the whole sequence");
    }
    return new DecoderPass.Parts(
        adapters,
        ranges.stream().mapToLong(value -> value).toArray(),
        gates,
        vocabulary,
        groups,
        gating);
  }

  private static boolean baseAlone(List<Row> rows) {
    return rows.stream().anyMatch(row -> row.choice().adapters().isEmpty());
  }

  /** For how many layers an adapter has shares: 1 if it has one for all. */
  private static int layersOfShares(AdapterChoice choice) {
    return choice.adapters().isEmpty() ? 1 : choice.shares().size() / choice.adapters().size();
  }

  /** The share of an adapter in a layer; 0 for one that takes no part. */
  private static float share(AdapterChoice choice, AppliedLora adapter, int layer) {
    int index = choice.adapters().indexOf(adapter);
    int of = layersOfShares(choice);
    return index < 0 ? 0 : choice.shares().get(index * of + (of == 1 ? 0 : layer));
  }
}
