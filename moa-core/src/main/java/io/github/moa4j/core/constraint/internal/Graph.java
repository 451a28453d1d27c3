package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network over bytes: edges that take a byte of a range, edges that take nothing, and calls of
 * rules, which are graphs within the graph and may call themselves. Not deterministic, so that it
 * is never larger than what was written into it. Unchanging once it is built.
 */
public final class Graph {

  /** So many times as one likes. */
  static final int ENDLESS = Integer.MAX_VALUE;

  private static final int MOST_NODES = 200_000;
  private static final int MOST_EDGES = 1_000_000;
  private static final int MOST_COUNTED = 2_000_000; // nodes times characters, of all limited rules

  /** A byte range and where it leads, and whether a character of a class ends with it. */
  record Edge(int low, int high, int to, boolean ends) {}

  /** A rule that stands between two nodes, so many times. */
  record Call(int entry, int least, int most, int back) {}

  /** A rule's own ends. */
  public record Rule(int entry, int exit) {}

  /** A rule without calls whose texts have so many characters; its nodes follow its entry. */
  record Limited(int entry, int nodes, int least, int most) {}

  /** A character, and where the text is behind any number of it: the rule of one, or a loop. */
  record Repeated(CharacterLanguage one, int to) {}

  private static final class Node {
    private List<Edge> edges = List.of();
    private List<Integer> skips = List.of();
    private List<Call> calls = List.of();
  }

  private final List<Node> nodes = new ArrayList<>();
  private final BitSet exits = new BitSet();
  private final Map<CharacterLanguage, Rule> characters = new HashMap<>();
  private final Map<Integer, Repeated> repeated = new HashMap<>(); // by where it is
  private final Map<Integer, Limited> limited = new HashMap<>(); // by entry
  private final boolean flat;
  private int edges;
  private long counted;

  private Graph(boolean flat) {
    this.flat = flat;
  }

  /** The graph of a language: from node 0 to node 1. */
  public static Graph of(Language language) {
    return of(language, false);
  }

  /** The same without rules: a copy for each time that something may be repeated. */
  static Graph flat(Language language) {
    return of(language, true);
  }

  private static Graph of(Language language, boolean flat) {
    Graph graph = new Graph(flat);
    Rule all = graph.rule();
    language.write(graph, all.entry(), all.exit());
    return graph;
  }

  /** Whether it must not have rules. */
  boolean isFlat() {
    return flat;
  }

  int node() {
    if (nodes.size() == MOST_NODES) {
      throw tooLarge();
    }
    nodes.add(new Node());
    return nodes.size() - 1;
  }

  private static ConstraintException tooLarge() {
    return new ConstraintException(
        "The constraint is too large: its automaton would have more than %d states. Shorten its"
                .formatted(MOST_NODES)
            + " repetitions, lengths or lists");
  }

  private void count() {
    if (++edges > MOST_EDGES) {
      throw tooLarge();
    }
  }

  /** Begins a rule. */
  Rule rule() {
    Rule rule = new Rule(node(), node());
    exits.set(rule.exit());
    return rule;
  }

  /** The rule of one character, written once. */
  Rule rule(CharacterLanguage one) {
    Rule known = characters.get(one);
    if (known == null) {
      known = rule();
      one.write(this, known.entry(), known.exit());
      characters.put(one, known);
      repeats(known.entry(), one, known.entry());
    }
    return known;
  }

  /** Says that from a node on any number of a character lead to another, without a rule. */
  void repeats(int node, CharacterLanguage one, int to) {
    repeated.put(node, new Repeated(one, to));
  }

  /** The character that is repeated from a node on; null if none is. */
  Repeated repeatedAt(int node) {
    return repeated.get(node);
  }

  void skip(int from, int to) {
    count();
    Node node = nodes.get(from);
    node.skips = with(node.skips, to);
  }

  void call(int from, Rule rule, int to) {
    call(from, rule, 1, 1, to);
  }

  /** A rule so many times; {@code most} is negative for any number. */
  void call(int from, Rule rule, int least, int most, int to) {
    count();
    Node node = nodes.get(from);
    node.calls = with(node.calls, new Call(rule.entry(), least, most < 0 ? ENDLESS : most, to));
  }

  /**
   * Writes the texts of a graph without calls that have so many characters of classes.
   *
   * @param most negative for any number
   */
  void limited(Graph other, int least, int most, int from, int to) {
    int entry = nodes.size();
    for (int i = 0; i < other.nodes.size(); i++) {
      node();
    }
    for (int i = 0; i < other.nodes.size(); i++) {
      for (Edge edge : other.nodes.get(i).edges) {
        bytes(entry + i, edge.low(), edge.high(), entry + edge.to(), edge.ends());
      }
      for (int next : other.nodes.get(i).skips) {
        skip(entry + i, entry + next);
      }
    }
    exits.set(entry + 1);
    other.repeated.forEach((node, all) -> repeats(entry + node, all.one(), entry + all.to()));
    int room = most < 0 ? ENDLESS : most;
    limited.put(entry, new Limited(entry, other.nodes.size(), least, room));
    counted += (long) other.nodes.size() * Math.max(least, most);
    if (counted > MOST_COUNTED) {
      throw tooLarge();
    }
    call(from, new Rule(entry, entry + 1), to);
  }

  /** The limits of the rule that begins at a node; null if there are none. */
  Limited limited(int entry) {
    return limited.isEmpty() ? null : limited.get(entry);
  }

  private static <T> List<T> with(List<T> list, T element) {
    List<T> longer = list.isEmpty() ? new ArrayList<>(1) : list;
    longer.add(element);
    return longer;
  }

  void bytes(int from, int low, int high, int to) {
    bytes(from, low, high, to, false);
  }

  /** Adds an edge, which may end a character. */
  void bytes(int from, int low, int high, int to, boolean ends) {
    count();
    Node node = nodes.get(from);
    node.edges = with(node.edges, new Edge(low, high, to, ends));
  }

  /**
   * Characters of a range, in UTF-8; halves of surrogate pairs are none.
   *
   * @param known the nodes of other ranges between the same nodes, by the bytes that lead there
   */
  void characters(int from, int low, int high, int to, Map<List<Integer>, Integer> known) {
    if (low <= 0xDFFF && high >= 0xD800) {
      if (low < 0xD800) {
        characters(from, low, 0xD7FF, to, known);
      }
      if (high > 0xDFFF) {
        characters(from, 0xE000, high, to, known);
      }
      return;
    }
    int cut = cut(low, high);
    if (cut >= 0) {
      characters(from, low, cut, to, known);
      characters(from, cut + 1, high, to, known);
      return;
    }
    byte[] first = utf8(low);
    byte[] last = utf8(high);
    int at = from;
    List<Integer> path = new ArrayList<>();
    for (int i = 0; i < first.length - 1; i++) {
      path.add(first[i] & 0xFF);
      path.add(last[i] & 0xFF);
      Integer next = known.get(path);
      if (next == null) {
        next = node();
        bytes(at, first[i] & 0xFF, last[i] & 0xFF, next);
        known.put(List.copyOf(path), next);
      }
      at = next;
    }
    bytes(at, first[first.length - 1] & 0xFF, last[first.length - 1] & 0xFF, to, true);
  }

  /** Where a range has to be cut so that each byte has a range of its own; -1 if nowhere. */
  private static int cut(int low, int high) {
    for (int most : new int[] {0x7F, 0x7FF, 0xFFFF}) {
      if (low <= most && high > most) {
        return most;
      }
    }
    for (int bits = 6; high > 0x7F && bits <= 18; bits += 6) {
      int rest = (1 << bits) - 1;
      if ((low | rest) != (high | rest)) {
        if ((low & rest) != 0) {
          return low | rest;
        }
        if ((high & rest) != rest) {
          return (high & ~rest) - 1;
        }
      }
    }
    return -1;
  }

  private static byte[] utf8(int character) {
    return Character.toString(character).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Writes the texts that two graphs without calls have in common. */
  void product(Graph first, Graph second, int from, int to) {
    Map<Long, Integer> known = new HashMap<>();
    Deque<Long> open = new ArrayDeque<>();
    known.put(pair(0, 0), from);
    known.put(pair(1, 1), to);
    open.add(pair(0, 0));
    while (!open.isEmpty()) {
      long pair = open.remove();
      int at = known.get(pair);
      int a = (int) (pair >>> 32);
      int b = (int) pair;
      for (int next : first.nodes.get(a).skips) {
        skip(at, reached(pair(next, b), known, open));
      }
      for (int next : second.nodes.get(b).skips) {
        skip(at, reached(pair(a, next), known, open));
      }
      for (Edge one : first.nodes.get(a).edges) {
        for (Edge other : second.nodes.get(b).edges) {
          int low = Math.max(one.low(), other.low());
          int high = Math.min(one.high(), other.high());
          if (low <= high) {
            int next = reached(pair(one.to(), other.to()), known, open);
            bytes(at, low, high, next, one.ends());
          }
        }
      }
    }
  }

  private static long pair(int a, int b) {
    return (long) a << 32 | b;
  }

  private int reached(long pair, Map<Long, Integer> known, Deque<Long> open) {
    Integer node = known.get(pair);
    if (node == null) {
      node = node();
      known.put(pair, node);
      open.add(pair);
    }
    return node;
  }

  List<Edge> edges(int node) {
    return nodes.get(node).edges;
  }

  List<Integer> skips(int node) {
    return nodes.get(node).skips;
  }

  List<Call> calls(int node) {
    return nodes.get(node).calls;
  }

  boolean isExit(int node) {
    return exits.get(node);
  }

  /** A number for each byte, the same for those that no edge tells apart; counted from 0. */
  int[] byteClasses() {
    BitSet begins = new BitSet();
    for (Node node : nodes) {
      for (Edge edge : node.edges) {
        begins.set(edge.low());
        begins.set(edge.high() + 1);
      }
    }
    int[] classes = new int[256];
    for (int b = 1; b < 256; b++) {
      classes[b] = classes[b - 1] + (begins.get(b) ? 1 : 0);
    }
    return classes;
  }

  /** Whether no text leads to its end. */
  public boolean isEmpty() {
    return Distances.ofAllBytes(this).of(0) == Distances.NONE;
  }

  /** How many nodes there are. */
  int size() {
    return nodes.size();
  }
}
