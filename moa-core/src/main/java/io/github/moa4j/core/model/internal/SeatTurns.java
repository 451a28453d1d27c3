package io.github.moa4j.core.model.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * In which turns the kernel lets adapters in seats act on the rows of a step. A turn is one
 * product: of a row of each seat, or of several rows of one. Turns follow each other in groups in
 * which no row comes twice, so that rows are gathered once a group; a row's adapters act in their
 * order.
 */
final class SeatTurns {

  private final List<List<Turn>> groups;

  private SeatTurns(List<List<Turn>> groups) {
    this.groups = groups;
  }

  /**
   * What an adapter does to a row.
   *
   * @param share by layer
   */
  record Use(int row, int seat, IntToDoubleFunction share) {}

  /**
   * Uses that are computed at once, of rows that are all different.
   *
   * @param seat whose they are, or -1 for one of each seat that is there, in the seats' order
   */
  private record Turn(int seat, List<Use> uses) {

    /** How many rows are computed, those of seats that have none included. */
    int places() {
      return seat < 0 ? uses.get(uses.size() - 1).seat() + 1 : uses.size();
    }

    int placeOf(int use) {
      return seat < 0 ? uses.get(use).seat() : use;
    }

    List<Integer> rows() {
      return uses.stream().map(Use::row).toList();
    }
  }

  /** Parts uses into few turns. */
  static SeatTurns of(List<Use> uses) {
    List<List<Turn>> groups = new ArrayList<>();
    Set<Integer> rows = new HashSet<>(); // of the last group
    List<Use> left = new ArrayList<>(uses);
    while (!left.isEmpty()) {
      Turn turn = next(left);
      left.removeAll(turn.uses());
      if (groups.isEmpty() || !Collections.disjoint(rows, turn.rows())) {
        groups.add(new ArrayList<>());
        rows.clear();
      }
      groups.get(groups.size() - 1).add(turn);
      rows.addAll(turn.rows());
    }
    return new SeatTurns(groups);
  }

  private static Turn next(List<Use> left) {
    Set<Integer> rows = new HashSet<>();
    Map<Integer, List<Use>> bySeat = new TreeMap<>();
    for (Use use : left) {
      if (rows.add(use.row())) {
        bySeat.computeIfAbsent(use.seat(), seat -> new ArrayList<>()).add(use);
      }
    }
    List<Use> most =
        Collections.max(bySeat.values(), Comparator.comparingInt((List<Use> own) -> own.size()));
    return most.size() > bySeat.size()
        ? new Turn(most.get(0).seat(), most)
        : new Turn(-1, bySeat.values().stream().map(own -> own.get(0)).toList());
  }

  /** Returns of each group how many turns it has, and of each of these the seat and the places. */
  List<Long> turns() {
    List<Long> result = new ArrayList<>();
    for (List<Turn> group : groups) {
      result.add((long) group.size());
      for (Turn turn : group) {
        result.add((long) turn.seat());
        result.add((long) turn.places());
      }
    }
    return result;
  }

  /**
   * Returns of each group which row stands at each place, i64; the places that count, i64, and the
   * rows of these, i64; and the shares f32 [layers, places, 1], empty if all are 1.
   *
   * @param layers for how many there are shares
   */
  List<NDArray> groups(NDManager owner, int layers) {
    return groups.stream().flatMap(group -> arrays(owner, group, layers).stream()).toList();
  }

  private static List<NDArray> arrays(NDManager owner, List<Turn> group, int layers) {
    int places = group.stream().mapToInt(Turn::places).sum();
    long[] taken = new long[places];
    float[] shares = new float[layers * places];
    List<Integer> counting = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    boolean whole = true;
    int start = 0;
    for (Turn turn : group) {
      for (int i = 0; i < turn.uses().size(); i++) {
        Use use = turn.uses().get(i);
        int place = start + turn.placeOf(i);
        taken[place] = use.row();
        counting.add(place);
        rows.add(use.row());
        for (int layer = 0; layer < layers; layer++) {
          float share = (float) use.share().applyAsDouble(layer);
          shares[layer * places + place] = share;
          whole &= share == 1;
        }
      }
      start += turn.places();
    }
    return List.of(
        owner.create(taken),
        owner.create(counting.stream().mapToLong(Integer::longValue).toArray()),
        owner.create(rows.stream().mapToLong(Integer::longValue).toArray()),
        whole ? owner.create(new float[0]) : owner.create(shares, new Shape(layers, places, 1)));
  }
}
