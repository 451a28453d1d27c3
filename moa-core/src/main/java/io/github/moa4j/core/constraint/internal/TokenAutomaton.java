package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.text.TokenBytes;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A constraint over the tokens of one tokenizer. States and what they allow are found when they are
 * met, and kept while there are few. A state is left out where no tokens lead to an end any more,
 * so that there always is a way. Thread-safe.
 */
public final class TokenAutomaton {

  private static final int MOST_STATES = 20_000; // kept
  private static final int MOST_IDS = 4_000_000; // kept in masks
  private static final int MOST_PLACES = 20_000; // of one state in the graph
  private static final int DEEPEST = 100; // then rules are closed, as readers of JSON have limits

  /** Where a rule goes on that has called another, and how far from there to the end. */
  private record Frame(int back, Frame parent, int distance, int depth) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Frame frame && frame.back == back && frame.parent == parent;
    }

    @Override
    public int hashCode() {
      return 31 * back + System.identityHashCode(parent);
    }
  }

  private record Place(int node, Frame frame) {}

  /** What may come next. */
  static final class State {
    private final Set<Place> places;
    private final boolean accepting;
    private final int distance; // in bytes
    private final int depth;
    private final State[] next = new State[256];
    private Mask mask;

    private State(Set<Place> places, boolean accepting, int distance, int depth) {
      this.places = places;
      this.accepting = accepting;
      this.distance = distance;
      this.depth = depth;
    }
  }

  /**
   * The tokens that a state allows.
   *
   * @param ids in no order
   * @param farthest the greatest distance to the end behind any of them
   */
  record Mask(int[] ids, int farthest) {}

  private final Graph graph;
  private final TokenBytes tokens;
  private final int[] distances;
  private final Map<Frame, Frame> frames = new HashMap<>();
  private final Map<Set<Place>, State> states = new HashMap<>();
  private final Map<IntBuffer, int[]> masks = new HashMap<>(); // each once, by its ids
  private final State dead = new State(Set.of(), false, Integer.MAX_VALUE, 0);
  private int keptIds;
  private final State start;

  /**
   * Prepares a constraint.
   *
   * @throws ConstraintException if the tokenizer's tokens spell none of its texts
   */
  public TokenAutomaton(Graph graph, TokenBytes tokens) {
    this.graph = graph;
    this.tokens = tokens;
    this.distances = graph.distances(tokens.single());
    Set<Place> places = new LinkedHashSet<>();
    places.add(new Place(0, null));
    this.start = state(places);
    if (start == dead) {
      throw new ConstraintException("No text satisfies the constraint");
    }
  }

  State start() {
    return start;
  }

  static boolean accepts(State state) {
    return state.accepting;
  }

  static int distance(State state) {
    return state.distance;
  }

  static boolean isDeep(State state) {
    return state.depth > DEEPEST;
  }

  /** The state behind a token that is allowed. */
  synchronized State behind(State state, int token) {
    State at = state;
    for (byte b : tokens.of(token)) {
      at = step(at, b & 0xFF);
    }
    if (at == dead) {
      throw new IllegalStateException("The token " + token + " is not allowed here");
    }
    return at;
  }

  /** All tokens that are allowed, some of which may lead far away from the end. */
  synchronized Mask mask(State state) {
    if (state.mask == null) {
      state.mask = newMask(state);
    }
    return state.mask;
  }

  private Mask newMask(State state) {
    forgetIfMany();
    int[] ids = new int[1024];
    int count = 0;
    int farthest = 0;
    State[] path = new State[tokens.longest() + 1];
    path[0] = state;
    int good = 0; // bytes of the token before that lead somewhere
    for (int i = 0; i < tokens.size(); i++) {
      byte[] bytes = tokens.sorted(i);
      int common = tokens.common(i);
      if (common > good) {
        continue; // it begins with what leads nowhere
      }
      good = common;
      while (good < bytes.length) {
        State next = step(path[good], bytes[good] & 0xFF);
        if (next == dead) {
          break;
        }
        path[++good] = next;
      }
      if (good == bytes.length && !(state == start && tokens.losesStart(i))) {
        if (count == ids.length) {
          ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = tokens.id(i);
        farthest = Math.max(farthest, path[good].distance);
      }
    }
    return new Mask(shared(Arrays.copyOf(ids, count)), farthest);
  }

  /** States that differ only in how much may still follow mostly allow the same tokens. */
  private int[] shared(int[] ids) {
    int[] known = masks.putIfAbsent(IntBuffer.wrap(ids), ids);
    if (known == null) {
      keptIds += ids.length;
      return ids;
    }
    return known;
  }

  private void forgetIfMany() {
    if (states.size() > MOST_STATES || keptIds > MOST_IDS) {
      states.values().forEach(state -> state.mask = null);
      states.values().forEach(state -> Arrays.fill(state.next, null));
      states.clear();
      frames.clear();
      masks.clear();
      keptIds = 0;
    }
  }

  private State step(State state, int b) {
    State next = state.next[b];
    if (next == null) {
      next = newStep(state, b);
      state.next[b] = next;
    }
    return next;
  }

  private State newStep(State state, int b) {
    Set<Place> reached = new LinkedHashSet<>();
    for (Place place : state.places) {
      for (Graph.Edge edge : graph.edges(place.node())) {
        if (edge.low() <= b && b <= edge.high()) {
          reached.add(new Place(edge.to(), place.frame()));
        }
      }
    }
    return reached.isEmpty() ? dead : state(reached);
  }

  /** The state of all places that are reached without a byte, and from which there is an end. */
  private State state(Set<Place> reached) {
    Set<Place> seen = new LinkedHashSet<>(reached);
    Deque<Place> open = new ArrayDeque<>(reached);
    Set<Place> places = new LinkedHashSet<>();
    boolean accepting = false;
    int distance = Integer.MAX_VALUE;
    int depth = Integer.MAX_VALUE;
    while (!open.isEmpty()) {
      Place place = open.remove();
      int left = distance(place);
      if (left == Integer.MAX_VALUE) {
        continue;
      }
      if (left < distance) {
        distance = left;
      }
      if (seen.size() > MOST_PLACES) {
        throw new ConstraintException(
            "The constraint is too ambiguous: a text may be read in more than "
                + MOST_PLACES
                + " ways. Make its alternatives begin differently");
      }
      int node = place.node();
      Frame frame = place.frame();
      if (!graph.edges(node).isEmpty()) {
        places.add(place);
        depth = Math.min(depth, frame == null ? 0 : frame.depth());
      }
      for (int next : graph.skips(node)) {
        reach(new Place(next, frame), seen, open);
      }
      for (Graph.Call call : graph.calls(node)) {
        reach(new Place(call.entry(), frame(call.back(), frame)), seen, open);
      }
      if (graph.isExit(node)) {
        if (frame == null) {
          accepting = true;
        } else {
          reach(new Place(frame.back(), frame.parent()), seen, open);
        }
      }
    }
    if (distance == Integer.MAX_VALUE) {
      return dead;
    }
    if (accepting) {
      places.add(new Place(1, null));
    }
    State known = states.get(places);
    if (known == null) {
      known = new State(places, accepting, distance, depth == Integer.MAX_VALUE ? 0 : depth);
      states.put(places, known);
    }
    return known;
  }

  private static void reach(Place place, Set<Place> seen, Deque<Place> open) {
    if (seen.add(place)) {
      open.add(place);
    }
  }

  private Frame frame(int back, Frame parent) {
    int rest = parent == null ? 0 : parent.distance();
    Frame frame =
        new Frame(
            back, parent, sum(distances[back], rest), parent == null ? 1 : parent.depth() + 1);
    Frame known = frames.putIfAbsent(frame, frame);
    return known == null ? frame : known;
  }

  private int distance(Place place) {
    return sum(distances[place.node()], place.frame() == null ? 0 : place.frame().distance());
  }

  private static int sum(int a, int b) {
    return a > Integer.MAX_VALUE - b ? Integer.MAX_VALUE : a + b;
  }
}
