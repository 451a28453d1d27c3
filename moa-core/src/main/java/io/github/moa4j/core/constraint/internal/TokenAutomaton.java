package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.constraint.ConstraintException;
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
  private static final int MANY = 16; // of so many tokens one: worth sorting by class
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
      throw new ConstraintException(
          "The model's tokens spell no text that satisfies the constraint");
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
    private final State[] path = new State[trie.longest() + 1];
    private int nearest = Integer.MAX_VALUE;
    private int farthest;

    Search(State state, int limit, boolean first) {
      this.state = state;
      this.limit = limit;
      this.first = first && trie.losesSpace();
    }

    Allowed run() {
      text.begin();
      below(TokenTrie.ROOT, state);
      int count = allowed.cardinality();
      TokenMask mask = count <= trie.vocabulary() / 2 ? listed(count) : excepted(count);
      return new Allowed(mask, nearest, farthest);
    }

    /** Decides the tokens below a node of the tree. */
    private void below(int root, State at) {
      boolean begins = first && root == TokenTrie.ROOT;
      BitSet decided = new BitSet(256); // the bytes behind the node
      decided.set(' ', begins);
      for (Place place : at.places()) {
        Graph.Repeated repeated = text.graph().repeatedAt(place.node());
        if (repeated != null && !begins) {
          CharacterTokens tokens = trie.of(repeated.one(), root);
          BitSet bytesBehind = text.bytesBehind(place);
          if (isOnlyReading(place, at, bytesBehind, tokens.firstBytes())) {
            repeat(tokens, place);
            leave(tokens, place, bytesBehind);
            decided.or(tokens.firstBytes());
          } else if (limit == Integer.MAX_VALUE) { // else another reading may come nearer
            repeat(tokens, place);
          }
        }
      }
      int end = trie.end(root);
      for (int node = root + 1; node < end; node = trie.end(node)) {
        if (!decided.get(trie.label(node))) {
          walk(node, at);
        }
      }
    }

    /** Decides the tokens that are nothing but repetitions of a class. */
    private void repeat(CharacterTokens tokens, Place place) {
      CharacterTokens.Group[] groups = tokens.groups();
      for (int missing = 0; missing < groups.length; missing++) {
        CharacterTokens.Group group = groups[missing];
        int most = Math.min(group.longest(), place.frame().room());
        int least = 0; // of those in a row that are not too far
        for (int count = 1; count <= most + 1; count++) {
          long distance = count > most ? Distances.NONE : text.distance(place, count);
          boolean leads = distance < Distances.NONE;
          distance += missing;
          boolean near = leads && distance <= limit;
          if (leads && group.has(count)) {
            nearest = (int) Math.min(nearest, distance);
            farthest = near ? (int) Math.max(farthest, distance) : farthest;
          }
          if (near && least == 0) {
            least = count;
          } else if (!near && least > 0) {
            group.addTo(allowed, least, count - 1);
            least = 0;
          }
        }
      }
    }

    /** Tries the tokens that leave a repetition behind some characters of its class. */
    private void leave(CharacterTokens tokens, Place place, BitSet bytesBehind) {
      State[] behind = new State[trie.longest() + 1]; // by the number of characters
      bytesBehind.stream()
          .mapToObj(tokens::leaving)
          .forEach(
              leaving -> {
                for (int i = 0; i < leaving.size(); i++) {
                  int count = leaving.count(i);
                  if (behind[count] == null) {
                    boolean room = count <= place.frame().room();
                    behind[count] = room ? text.behind(place, count) : TextAutomaton.DEAD;
                  }
                  if (behind[count] != TextAutomaton.DEAD) {
                    walk(leaving.node(i), behind[count]);
                  }
                }
              });
    }

    /** Whether a character of the class can be nothing else than a repetition at this place. */
    private boolean isOnlyReading(Place place, State at, BitSet bytesBehind, BitSet firstBytes) {
      return !bytesBehind.intersects(firstBytes)
          && at.places().stream()
              .noneMatch(other -> !other.equals(place) && leavesBy(other, firstBytes));
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

    /** Tries the tokens at a node of the tree and below, byte by byte from a state before it. */
    private void walk(int root, State before) {
      path[trie.depth(root) - 1] = before;
      int end = trie.end(root);
      for (int node = root; node < end; ) {
        int behind = trie.end(node);
        int from = trie.first(node);
        int depth = trie.depth(node);
        State next =
            allowed.nextClearBit(from) >= trie.first(behind)
                ? TextAutomaton.DEAD
                : text.step(path[depth - 1], trie.label(node));
        if (next == TextAutomaton.DEAD) {
          node = behind;
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
        if (trie.first(behind) - to > trie.size() / MANY && repeats(next)) {
          below(node, next);
          node = behind;
        } else {
          node++;
        }
      }
    }

    private boolean repeats(State at) {
      return at.places().stream().anyMatch(place -> text.graph().repeatedAt(place.node()) != null);
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
