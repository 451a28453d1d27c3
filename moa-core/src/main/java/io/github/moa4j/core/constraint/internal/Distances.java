package io.github.moa4j.core.constraint.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The least number of bytes from where a text is in a graph to the end of the rule there, where
 * only some bytes exist. Immutable.
 */
final class Distances {

  /** There is no way. */
  static final int NONE = Integer.MAX_VALUE;

  private final Graph graph;
  private final BitSet bytes;
  private final int[] distances; // by node
  private final Map<Integer, int[][]> limited = new HashMap<>(); // by entry, characters and node

  /**
   * Measures a graph.
   *
   * @param bytes that a text may be made of
   */
  Distances(Graph graph, BitSet bytes) {
    this.graph = graph;
    this.bytes = bytes;
    this.distances = new int[graph.size()];
    Arrays.fill(distances, NONE);
    List<List<Integer>> before = before();
    Deque<Integer> open = new ArrayDeque<>();
    for (int node = 0; node < distances.length; node++) {
      Graph.Limited limits = graph.limited(node);
      if (limits != null) {
        limited.put(node, limited(limits, before));
        distances[node] = of(node, limits, limits.least(), limits.most());
        open.add(node);
        node += limits.nodes() - 1;
      } else if (graph.isExit(node)) {
        distances[node] = 0;
        open.add(node);
      }
    }
    while (!open.isEmpty()) {
      for (int node : before.get(open.remove())) {
        int distance = distance(node);
        if (distance < distances[node]) {
          distances[node] = distance;
          open.add(node);
        }
      }
    }
  }

  /** Measures a graph where all bytes exist. */
  static Distances ofAllBytes(Graph graph) {
    BitSet all = new BitSet(256);
    all.set(0, 256);
    return new Distances(graph, all);
  }

  /** From a node of a rule without limits, or from the entry of another. */
  int of(int node) {
    return distances[node];
  }

  /**
   * From a node of a rule whose texts have so many characters.
   *
   * @param need how many more there must be
   * @param room how many more there may be
   */
  int of(int node, Graph.Limited limits, int need, int room) {
    int[][] layers = limited.get(limits.entry());
    return room < 0
        ? NONE
        : layers[limits.most() == Graph.ENDLESS ? need : room][node - limits.entry()];
  }

  /** The nodes from which each is reached. */
  private List<List<Integer>> before() {
    List<List<Integer>> before = new ArrayList<>();
    for (int i = 0; i < distances.length; i++) {
      before.add(new ArrayList<>(1));
    }
    for (int i = 0; i < distances.length; i++) {
      int node = i;
      graph.edges(node).forEach(edge -> before.get(edge.to()).add(node));
      graph.skips(node).forEach(next -> before.get(next).add(node));
      graph
          .calls(node)
          .forEach(
              call -> {
                before.get(call.back()).add(node);
                before.get(call.entry()).add(node);
              });
    }
    return before;
  }

  private int distance(int node) {
    long least = distances[node];
    for (int next : graph.skips(node)) {
      least = Math.min(least, distances[next]);
    }
    for (Graph.Edge edge : graph.edges(node)) {
      if (isUsable(edge)) {
        least = Math.min(least, 1L + distances[edge.to()]);
      }
    }
    for (Graph.Call call : graph.calls(node)) {
      long once = distances[call.entry()];
      least =
          Math.min(least, distances[call.back()] + (call.least() == 0 ? 0 : call.least() * once));
    }
    return (int) least; // at most what it was
  }

  private boolean isUsable(Graph.Edge edge) {
    int usable = bytes.nextSetBit(edge.low());
    return usable >= 0 && usable <= edge.high();
  }

  /**
   * The distances within a rule, by how many characters more there may be or, where there may be
   * any number, must be.
   */
  private int[][] limited(Graph.Limited limits, List<List<Integer>> before) {
    boolean endless = limits.most() == Graph.ENDLESS;
    int free = endless ? 0 : limits.most() - limits.least(); // it may end with so many left
    int[][] layers = new int[(endless ? limits.least() : limits.most()) + 1][];
    for (int left = 0; left < layers.length; left++) {
      int[] layer = new int[limits.nodes()];
      Arrays.fill(layer, NONE);
      layers[left] = layer;
      int[] next = left > 0 ? layers[left - 1] : endless ? layer : null;
      Deque<Integer> open = new ArrayDeque<>();
      if (left <= free) {
        layer[1] = 0; // its exit
      }
      for (int node = 0; node < layer.length; node++) {
        int distance = Math.min(layer[node], within(limits.entry(), node, layer, next));
        if (distance < NONE) {
          layer[node] = distance;
          open.add(node);
        }
      }
      while (!open.isEmpty()) {
        for (int from : before.get(limits.entry() + open.remove())) {
          int node = from - limits.entry();
          if (node < 0 || node >= layer.length) {
            continue; // it calls the rule
          }
          int distance = within(limits.entry(), node, layer, next);
          if (distance < layer[node]) {
            layer[node] = distance;
            open.add(node);
          }
        }
      }
    }
    return layers;
  }

  /** From a node by one of its ways; those on which a character ends lead to the next layer. */
  private int within(int entry, int node, int[] layer, int[] next) {
    long least = NONE;
    for (int skip : graph.skips(entry + node)) {
      least = Math.min(least, layer[skip - entry]);
    }
    for (Graph.Edge edge : graph.edges(entry + node)) {
      int[] at = edge.ends() ? next : layer;
      if (at != null && isUsable(edge)) {
        least = Math.min(least, 1L + at[edge.to() - entry]);
      }
    }
    return (int) least;
  }
}
