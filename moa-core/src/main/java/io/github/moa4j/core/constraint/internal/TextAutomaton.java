package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph's states over bytes, found when they are met and kept while there are few. A state is
 * left out where no usable bytes lead to an end any more, so that there always is a way. Not
 * thread-safe.
 */
final class TextAutomaton {

  private static final int MOST_STATES = 20_000; // kept
  private static final int MOST_KEPT_PLACES = 500_000; // of all of them
  private static final int MOST_PLACES = 10_000; // of one state in the graph
  private static final int MOST_WORK = 1_500_000; // places looked at for one question

  /** No text leads here. */
  static final State DEAD = new State(Set.of(), false, Integer.MAX_VALUE, 0);

  /**
   * Where a rule goes on that has called another.
   *
   * @param entry of the called rule
   * @param need how often that must still be run through, this time included
   * @param room how often it may still be
   * @param behind bytes at least from where it goes on to the end
   * @param depth how many rules are open, repetitions aside
   */
  record Frame(int back, Frame parent, int entry, int need, int room, int behind, int depth) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Frame frame
          && frame.back == back
          && frame.parent == parent
          && frame.entry == entry
          && frame.need == need
          && frame.room == room;
    }

    @Override
    public int hashCode() {
      return (((31 * back + entry) * 31 + need) * 31 + room) * 31 + System.identityHashCode(parent);
    }
  }

  record Place(int node, Frame frame) {}

  /** Where a text may be in the graph. */
  static final class State {
    private final Set<Place> places;
    private final boolean accepting;
    private final int distance;
    private final int depth;
    private State[] next;
    private Object note;

    private State(Set<Place> places, boolean accepting, int distance, int depth) {
      this.places = places;
      this.accepting = accepting;
      this.distance = distance;
      this.depth = depth;
    }

    /** The places from which a byte leads on, and the end. */
    Set<Place> places() {
      return places;
    }

    /** Whether the text may end here. */
    boolean accepts() {
      return accepting;
    }

    /** The least number of bytes to an end. */
    int distance() {
      return distance;
    }

    /** How many rules are open at least. */
    int depth() {
      return depth;
    }

    /** What somebody keeps beside this state while it is kept. */
    Object note() {
      return note;
    }

    void keep(Object value) {
      note = value;
    }
  }

  private final Graph graph;
  private final int[] distances;
  private final int[] classes; // of bytes
  private final Map<Frame, Frame> frames = new HashMap<>();
  private final Map<Set<Place>, State> states = new HashMap<>();
  private final Map<List<Place>, State> closures = new HashMap<>(); // by where bytes lead
  private final State start;
  private int keptPlaces;
  private int work;

  /** Starts with a graph and the bytes that a text may be made of. */
  TextAutomaton(Graph graph, BitSet bytes) {
    this.graph = graph;
    this.distances = graph.distances(bytes);
    this.classes = graph.byteClasses();
    this.start = state(List.of(new Place(0, null)));
  }

  /** Begins another question, which may take its own time. */
  void begin() {
    work = 0;
  }

  State start() {
    return start;
  }

  Graph graph() {
    return graph;
  }

  /** The least number of bytes from a node to the end of its rule. */
  int distance(int node) {
    return distances[node];
  }

  /** The state behind the last of a rule's repetitions. */
  State behind(Frame frame) {
    return state(List.of(new Place(frame.back(), frame.parent())));
  }

  State step(State state, int b) {
    if (state == DEAD) {
      return DEAD;
    }
    State known = state.next == null ? null : state.next[classes[b]];
    if (known != null) {
      return known;
    }
    State next = newStep(state, b); // may let go of all that is known
    if (state.next == null) {
      state.next = new State[classes[255] + 1];
    }
    state.next[classes[b]] = next;
    return next;
  }

  private State newStep(State state, int b) {
    List<Place> reached = new ArrayList<>(2);
    for (Place place : state.places) {
      for (Graph.Edge edge : graph.edges(place.node())) {
        if (edge.low() <= b && b <= edge.high()) {
          reached.add(new Place(edge.to(), place.frame()));
        }
      }
    }
    if (reached.isEmpty()) {
      return DEAD;
    }
    State known = closures.get(reached);
    if (known == null) {
      known = state(reached);
      closures.put(reached, known);
    }
    return known;
  }

  /** Lets go of all states, which are found anew when they are met again. */
  void forget() {
    states
        .values()
        .forEach(
            state -> {
              state.note = null;
              state.next = null;
            });
    states.clear();
    closures.clear();
    keptPlaces = 0;
    frames.clear();
  }

  /** The state of all places that are reached without a byte, and from which there is an end. */
  private State state(List<Place> reached) {
    Set<Place> seen = new LinkedHashSet<>(reached);
    Deque<Place> open = new ArrayDeque<>(reached);
    Set<Place> places = new LinkedHashSet<>();
    boolean accepting = false;
    int distance = Integer.MAX_VALUE;
    int depth = Integer.MAX_VALUE;
    while (!open.isEmpty()) {
      Place place = open.remove();
      Frame frame = place.frame();
      int node = place.node();
      int left = sum(distances[node], behindRule(frame));
      if (left == Integer.MAX_VALUE) {
        continue;
      }
      distance = Math.min(distance, left);
      if (seen.size() > MOST_PLACES || ++work > MOST_WORK) {
        throw new ConstraintException(
            "The constraint is too ambiguous: a text may be read in too many ways. Make its"
                + " alternatives and repetitions begin and end differently");
      }
      if (!graph.edges(node).isEmpty()) {
        places.add(place);
        depth = Math.min(depth, frame == null ? 0 : frame.depth());
      }
      for (int next : graph.skips(node)) {
        reach(new Place(next, frame), seen, open);
      }
      for (Graph.Call call : graph.calls(node)) {
        call(call, frame, seen, open);
      }
      if (graph.isExit(node)) {
        if (frame == null) {
          accepting = true;
        } else {
          boolean wasEmpty =
              distances[frame.entry()] == 0 && seen.contains(new Place(frame.entry(), frame));
          leave(frame, wasEmpty, seen, open);
        }
      }
    }
    if (distance == Integer.MAX_VALUE) {
      return DEAD;
    }
    if (accepting) {
      places.add(new Place(1, null));
    }
    State known = states.get(places);
    if (known == null) {
      if (states.size() >= MOST_STATES || keptPlaces > MOST_KEPT_PLACES) {
        forget();
      }
      keptPlaces += places.size();
      known =
          new State(
              Set.copyOf(places), accepting, distance, depth == Integer.MAX_VALUE ? 0 : depth);
      states.put(known.places, known);
    }
    return known;
  }

  private void call(Graph.Call call, Frame frame, Set<Place> seen, Deque<Place> open) {
    boolean mayBeEmpty = distances[call.entry()] == 0;
    if (call.least() == 0 || mayBeEmpty) {
      reach(new Place(call.back(), frame), seen, open);
    }
    if (call.most() > 0) {
      int depth = frame == null ? 0 : frame.depth();
      boolean once = call.least() == 1 && call.most() == 1;
      int behind = sum(distances[call.back()], behindRule(frame));
      Frame inside =
          new Frame(
              call.back(),
              frame,
              call.entry(),
              mayBeEmpty ? 0 : call.least(),
              call.most(),
              behind,
              once ? depth + 1 : depth);
      reach(new Place(call.entry(), kept(inside)), seen, open);
    }
  }

  private void leave(Frame frame, boolean wasEmpty, Set<Place> seen, Deque<Place> open) {
    if (frame.need() <= 1) {
      reach(new Place(frame.back(), frame.parent()), seen, open);
    }
    if (wasEmpty) {
      return; // once more and once less would be the same
    }
    int room = frame.room() == Graph.ENDLESS ? Graph.ENDLESS : frame.room() - 1;
    if (room > 0) {
      Frame again =
          new Frame(
              frame.back(),
              frame.parent(),
              frame.entry(),
              Math.max(frame.need() - 1, 0),
              room,
              frame.behind(),
              frame.depth());
      reach(new Place(frame.entry(), kept(again)), seen, open);
    }
  }

  private static void reach(Place place, Set<Place> seen, Deque<Place> open) {
    if (seen.add(place)) {
      open.add(place);
    }
  }

  private Frame kept(Frame frame) {
    Frame known = frames.putIfAbsent(frame, frame);
    return known == null ? frame : known;
  }

  /** Bytes at least from the end of a rule to the end of all. */
  private int behindRule(Frame frame) {
    if (frame == null) {
      return 0;
    }
    long again = Math.max(frame.need() - 1, 0) * (long) distances[frame.entry()];
    return (int) Math.min(again + frame.behind(), Integer.MAX_VALUE);
  }

  private static int sum(int a, int b) {
    return a > Integer.MAX_VALUE - b ? Integer.MAX_VALUE : a + b;
  }
}
