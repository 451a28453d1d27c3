package io.github.moa4j.core.constraint.internal;

import io.github.moa4j.core.text.TokenBytes;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens of a model as a tree over their bytes, its nodes in the order of a walk that goes down
 * first, and the tokens in the order in which the walk meets them. Thread-safe.
 */
public final class TokenTrie {

  /** Stands before all nodes. */
  static final int ROOT = -1;

  private static final int CHARACTERS = 24; // classes whose tokens are kept

  private record Key(CharacterLanguage one, int root) {}

  private final byte[] labels;
  private final short[] depths;
  private final int[] ends; // the node behind all below
  private final int[] firsts; // place of the first token at a node or below; one more at the end
  private final int[] ids; // by place
  private final int[] textless;
  private final int vocabulary;
  private final int longest;
  private final boolean losesSpace;
  private final BitSet single;
  private final Map<Key, CharacterTokens> characters = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Sorts tokens into a tree.
   *
   * @param vocabulary how many ids the model has; tokens beyond are left out
   */
  public TokenTrie(TokenBytes tokens, int vocabulary) {
    this.vocabulary = vocabulary;
    int[] places =
        IntStream.range(0, tokens.size()).filter(i -> tokens.id(i) < vocabulary).toArray();
    this.ids = Arrays.stream(places).map(tokens::id).toArray();
    BitSet without = new BitSet();
    without.set(0, vocabulary);
    Arrays.stream(ids).forEach(without::clear);
    this.textless = without.stream().toArray();
    int[] common = new int[places.length];
    int nodes = 0;
    boolean loses = false;
    byte[] before = {};
    for (int i = 0; i < places.length; i++) {
      byte[] bytes = tokens.sorted(places[i]);
      int mismatch = Arrays.mismatch(before, bytes);
      common[i] = mismatch < 0 ? bytes.length : mismatch;
      nodes += bytes.length - common[i];
      loses |= tokens.losesStart(places[i]);
      before = bytes;
    }
    this.losesSpace = loses;
    this.single = tokens.single();
    this.longest = tokens.longest();
    this.labels = new byte[nodes];
    this.depths = new short[nodes];
    this.ends = new int[nodes];
    this.firsts = new int[nodes + 1];
    firsts[nodes] = ids.length;
    int[] path = new int[longest + 1]; // the node at each depth
    int node = 0;
    int depth = 0;
    for (int i = 0; i < places.length; i++) {
      byte[] bytes = tokens.sorted(places[i]);
      for (; depth > common[i]; depth--) {
        ends[path[depth]] = node;
      }
      for (int at = common[i]; at < bytes.length; at++, node++) {
        depth = at + 1;
        path[depth] = node;
        labels[node] = bytes[at];
        depths[node] = (short) depth;
        firsts[node] = i;
      }
    }
    for (; depth > 0; depth--) {
      ends[path[depth]] = node;
    }
  }

  /** How many nodes there are, the root aside. */
  int nodes() {
    return labels.length;
  }

  /** The byte that leads to a node. */
  int label(int node) {
    return labels[node] & 0xFF;
  }

  /** How many bytes lead to a node. */
  int depth(int node) {
    return node == ROOT ? 0 : depths[node];
  }

  /** The node behind all that are below a node. */
  int end(int node) {
    return node == ROOT ? ends.length : ends[node];
  }

  /** The place of the first token at a node or below; those up to the next node's are at it. */
  int first(int node) {
    return firsts[node];
  }

  /** How many tokens there are. */
  int size() {
    return ids.length;
  }

  /** The id of the token at a place. */
  int id(int place) {
    return ids[place];
  }

  /** The ids that add nothing to a text. */
  int[] textless() {
    return textless;
  }

  /** How many ids the model has. */
  int vocabulary() {
    return vocabulary;
  }

  /** The most bytes of a token. */
  int longest() {
    return longest;
  }

  /** Whether a space is lost with which a text begins. */
  boolean losesSpace() {
    return losesSpace;
  }

  /** The bytes that are tokens of their own. */
  BitSet single() {
    return (BitSet) single.clone();
  }

  /** How the tokens below a node are made of the characters of a class. */
  CharacterTokens of(CharacterLanguage one, int root) {
    synchronized (characters) {
      Key key = new Key(one, root);
      CharacterTokens known = characters.get(key);
      if (known == null) {
        known = CharacterTokens.of(one, this, root);
        characters.put(key, known);
        if (characters.size() > CHARACTERS) {
          characters.remove(characters.keySet().iterator().next());
        }
      }
      return known;
    }
  }
}
