package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.constraint.internal.TextAutomaton.Frame;
import io.github.moa4j.core.constraint.internal.TextAutomaton.Place;
import io.github.moa4j.core.constraint.internal.TextAutomaton.State;
import io.github.moa4j.core.text.TokenBytes;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A constraint over the tokens of one model. What a state allows is found when it is met: inside a
 * repetition of a class of characters, the tokens made of that class are allowed all at once as far
 * as there is room, and only what is not decided so is tried byte by byte. So it costs the same
 * however often something may be repeated. Thread-safe.
 */
public final class TokenAutomaton {

  private static final int MOST_IDS = 2_000_000; // kept in masks
  private static final int DEEPEST = 100; // then rules are closed, as readers of JSON have limits

  /**
   * What a state allows.
   *
   * @param nearest the least distance to the end behind any token, allowed or too far; told only
   *     where there is a limit
   * @param farthest no distance behind any of the allowed tokens is larger
   */
  record Allowed(TokenMask mask, int nearest, int farthest) {

    boolean isEmpty() {
      return mask.allowed() && mask.ids().length == 0;
    }
  }

  private final TextAutomaton text;
  private final TokenTrie trie;
  private final TokenBytes tokens;
  private final Map<IntBuffer, int[]> lists = new HashMap<>(); // each once, by its ids
  private int keptIds;

  /**
   * Prepares a constraint.
   *
   * @param trie the same tokens in a tree
   * @throws ConstraintException if the tokenizer's tokens spell none of its texts
   */
  public TokenAutomaton(Graph graph, TokenBytes tokens, TokenTrie trie) {
    this.tokens = tokens;
    this.trie = trie;
    this.text = new TextAutomaton(graph, trie.single());
    if (text.start() == TextAutomaton.DEAD) {
      throw new ConstraintException("No text satisfies the constraint");
    }
  }

  State start() {
    return text.start();
  }

  static boolean isDeep(State state) {
    return state.depth() > DEEPEST;
  }

  /** Whether nothing can be added to a text. */
  boolean isEnd(State state) {
    return state.places().stream().allMatch(place -> text.graph().edges(place.node()).isEmpty());
  }

  /** The state behind a token that is allowed. */
  synchronized State behind(State state, int token) {
    text.begin();
    State at = state;
    for (byte b : tokens.of(token)) {
      at = text.step(at, b & 0xFF);
    }
    if (at == TextAutomaton.DEAD) {
      throw new IllegalStateException("The token " + token + " is not allowed here");
    }
    return at;
  }

  /** All tokens that are allowed, some of which may lead far away from the end. */
  synchronized Allowed allowed(State state) {
    if (state.note() instanceof Allowed known) {
      return known;
    }
    if (keptIds > MOST_IDS) {
      text.forget();
      lists.clear();
      keptIds = 0;
    }
    Allowed allowed = new Search(state, Integer.MAX_VALUE, false).run();
    state.keep(allowed);
    return allowed;
  }

  /**
   * The tokens behind which the end is no farther than a limit.
   *
   * @param first whether they begin the text
   */
  synchronized Allowed allowed(State state, int limit, boolean first) {
    return new Search(state, limit, first).run();
  }

  /** Whether a space is lost with which a text begins. */
  boolean losesSpace() {
    return trie.losesSpace();
  }

  /** States that differ only in how much may still follow mostly allow the same tokens. */
  private int[] shared(int[] ids) {
    int[] known = lists.putIfAbsent(IntBuffer.wrap(ids), ids);
    if (known == null) {
      keptIds += ids.length;
      return ids;
    }
    return known;
  }

  /** Looks for the tokens that one state allows; all sets are of places in the tree. */
  private final class Search {

    private final State state;
    private final int limit;
    private final boolean first;
    private final BitSet allowed = new BitSet(trie.size());
    private final BitSet decided = new BitSet(trie.size());
    private int nearest = Integer.MAX_VALUE;
    private int farthest;

    Search(State state, int limit, boolean first) {
      this.state = state;
      this.limit = limit;
      this.first = first && trie.losesSpace();
    }

    Allowed run() {
      text.begin();
      for (Place place : state.places()) {
        CharacterLanguage one = text.graph().characterAt(place.node());
        if (one != null && !first) {
          CharacterTokens tokens = trie.of(one);
          boolean only = isOnlyReading(place, tokens.firstBytes());
          if (only || limit == Integer.MAX_VALUE) { // else another reading may come nearer
            repeat(tokens, place);
            decided.or(only ? tokens.whole().all() : allowed);
          }
          if (only && limit == Integer.MAX_VALUE) {
            begin(tokens, place);
            decided.or(tokens.begun().all());
          }
        }
      }
      walk();
      int count = allowed.cardinality();
      TokenMask mask = count <= trie.vocabulary() / 2 ? listed(count) : excepted(count);
      return new Allowed(mask, nearest, farthest);
    }

    /** Decides the tokens that are nothing but repetitions of the class at a place. */
    private void repeat(CharacterTokens tokens, Place place) {
      Frame frame = place.frame();
      int most = tokens.whole().longest(frame.room());
      int bytes = text.distance(place.node());
      // behind n characters: frame.behind + max(need - n, 0) · bytes
      long steps = limit < frame.behind() ? -1 : (limit - frame.behind()) / bytes;
      long least = steps < 0 ? Integer.MAX_VALUE : Math.max(1, frame.need() - steps);
      if (most > 0) {
        nearest = Math.min(nearest, frame.behind() + Math.max(frame.need() - most, 0) * bytes);
      }
      if (least <= most) {
        tokens.whole().addTo(allowed, (int) least, most);
        farthest =
            Math.max(farthest, frame.behind() + Math.max(frame.need() - (int) least, 0) * bytes);
      }
    }

    /** The same for those that begin one more and do not end it. */
    private void begin(CharacterTokens tokens, Place place) {
      Frame frame = place.frame();
      int most = tokens.begun().longest(frame.room());
      if (most > 0) {
        tokens.begun().addTo(allowed, 1, most);
        int whole = frame.behind() + frame.need() * text.distance(place.node());
        farthest = Math.max(farthest, whole + CharacterTokens.MOST_MISSING);
      }
    }

    /** Whether a character of the class can be nothing else than a repetition at this place. */
    private boolean isOnlyReading(Place place, BitSet firstBytes) {
      return state.places().stream()
              .noneMatch(other -> !other.equals(place) && leavesBy(other, firstBytes))
          && text.behind(place.frame()).places().stream()
              .noneMatch(other -> leavesBy(other, firstBytes));
    }

    private boolean leavesBy(Place place, BitSet bytes) {
      for (Graph.Edge edge : text.graph().edges(place.node())) {
        int next = bytes.nextSetBit(edge.low());
        if (next >= 0 && next <= edge.high()) {
          return true;
        }
      }
      return false;
    }

    /** Tries what is not decided. */
    private void walk() {
      State[] path = new State[trie.longest() + 1];
      path[0] = state;
      for (int node = 0; node < trie.nodes(); ) {
        int end = trie.end(node);
        int from = trie.first(node);
        if (decided.nextClearBit(from) >= trie.first(end)) {
          node = end;
          continue;
        }
        int depth = trie.depth(node);
        State next = text.step(path[depth - 1], trie.label(node));
        if (next == TextAutomaton.DEAD || (first && depth == 1 && trie.label(node) == ' ')) {
          node = end;
          continue;
        }
        path[depth] = next;
        int to = trie.first(node + 1);
        if (from < to) {
          int distance = next.distance();
          nearest = Math.min(nearest, distance);
          if (distance <= limit) {
            allowed.set(from, to);
            farthest = Math.max(farthest, distance);
          }
        }
        node++;
      }
    }

    private TokenMask listed(int count) {
      int[] ids = new int[count];
      int n = 0;
      for (int place = allowed.nextSetBit(0); place >= 0; place = allowed.nextSetBit(place + 1)) {
        ids[n++] = trie.id(place);
      }
      return new TokenMask(shared(ids), true);
    }

    private TokenMask excepted(int count) {
      int[] textless = trie.textless();
      int[] ids = Arrays.copyOf(textless, textless.length + trie.size() - count);
      int n = textless.length;
      for (int place = allowed.nextClearBit(0);
          place < trie.size();
          place = allowed.nextClearBit(place + 1)) {
        ids[n++] = trie.id(place);
      }
      return new TokenMask(shared(ids), false);
    }
  }
}
