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

  private final Graph graph;
  private final Distances distances;
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
    this.distances = new Distances(graph, bytes);
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

  /**
   * The least number of bytes to an end behind so many of the character that is repeated at a
   * place.
   */
  int distance(Place place, int count) {
    Frame frame = place.frame();
    if (frame.limits() != null) {
      return distance(graph.repeatedAt(place.node()).to(), frame.less(count));
    }
    long again = Math.max(frame.need() - count, 0) * (long) distances.of(place.node());
    return (int) Math.min(again + frame.behind(), Distances.NONE);
  }

  private int distance(int node, Frame frame) {
    return frame != null && frame.limits() != null
        ? sum(distances.of(node, frame.limits(), frame.need(), frame.room()), frame.behind())
        : sum(distances.of(node), behindRule(frame));
  }

  /**
   * The state from which a text goes on behind so many of the character that is repeated at a
   * place.
   */
  State behind(Place place, int count) {
    Frame frame = place.frame();
    if (frame.limits() != null) {
      int behind = graph.repeatedAt(place.node()).to();
      return state(List.of(new Place(behind, kept(frame.less(count)))));
    }
    return frame.need() > count ? DEAD : state(List.of(back(frame)));
  }

  /** The bytes by which a text may go on behind the character that is repeated at a place. */
  BitSet bytesBehind(Place place) {
    Frame frame = place.frame();
    Set<Place> reached = new LinkedHashSet<>();
    boolean ends = frame.limits() == null;
    if (!ends) {
      Deque<Place> open = new ArrayDeque<>();
      Place behind = new Place(graph.repeatedAt(place.node()).to(), frame);
      for (Place at = behind; at != null; at = open.poll()) {
        ends |= graph.isExit(at.node());
        graph.skips(at.node()).forEach(next -> reach(new Place(next, frame), reached, open));
      }
    }
    if (ends) {
      reached.addAll(state(List.of(back(frame))).places());
    }
    BitSet bytes = new BitSet(256);
    for (Place next : reached) {
      graph.edges(next.node()).forEach(edge -> bytes.set(edge.low(), edge.high() + 1));
    }
    return bytes;
  }

  /** Where a text goes on that leaves a rule. */
  private static Place back(Frame frame) {
    return new Place(frame.back(), frame.parent());
  }

  State step(State state, int b) {
    if (state == DEAD) {
      return DEAD;
    }
    State known = state.next(classes[b]);
    if (known != null) {
      return known;
    }
    State next = newStep(state, b); // may let go of all that is known
    state.leads(classes[b], classes[255] + 1, next);
    return next;
  }

  private State newStep(State state, int b) {
    List<Place> reached = new ArrayList<>(2);
    for (Place place : state.places()) {
      for (Graph.Edge edge : graph.edges(place.node())) {
        if (edge.low() <= b && b <= edge.high()) {
          Frame frame = place.frame();
          boolean counts = edge.ends() && frame != null && frame.limits() != null;
          reached.add(new Place(edge.to(), counts ? kept(frame.less(1)) : frame));
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
    states.values().forEach(State::forget);
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
      int left = distance(node, frame);
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
              distances.of(frame.entry()) == 0 && seen.contains(new Place(frame.entry(), frame));
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
      states.put(known.places(), known);
    }
    return known;
  }

  private void call(Graph.Call call, Frame frame, Set<Place> seen, Deque<Place> open) {
    Graph.Limited limits = graph.limited(call.entry());
    boolean mayBeEmpty = limits == null && distances.of(call.entry()) == 0;
    if (call.least() == 0 || mayBeEmpty) {
      reach(new Place(call.back(), frame), seen, open);
    }
    if (call.most() > 0) {
      int depth = frame == null ? 0 : frame.depth();
      boolean once = call.least() == 1 && call.most() == 1;
      int behind = sum(distances.of(call.back()), behindRule(frame));
      int need = limits != null ? limits.least() : mayBeEmpty ? 0 : call.least();
      int room = limits != null ? limits.most() : call.most();
      Frame inside =
          new Frame(
              call.back(),
              frame,
              call.entry(),
              limits,
              need,
              room,
              behind,
              once ? depth + 1 : depth);
      reach(new Place(call.entry(), kept(inside)), seen, open);
    }
  }

  private void leave(Frame frame, boolean wasEmpty, Set<Place> seen, Deque<Place> open) {
    boolean limited = frame.limits() != null; // then it has as many characters as it needs
    if (limited || frame.need() <= 1) {
      reach(back(frame), seen, open);
    }
    // Behind nothing once more and once less would be the same.
    if (!limited && !wasEmpty && frame.room() > 1) {
      reach(new Place(frame.entry(), kept(frame.less(1))), seen, open);
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
    long again = Math.max(frame.need() - 1, 0) * (long) distances.of(frame.entry());
    return (int) Math.min(again + frame.behind(), Integer.MAX_VALUE);
  }

  private static int sum(int a, int b) {
    return a > Integer.MAX_VALUE - b ? Integer.MAX_VALUE : a + b;
  }
}
