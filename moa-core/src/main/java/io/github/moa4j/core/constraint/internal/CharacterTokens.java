package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The tokens that are nothing but whole characters of one class, by how many characters they are.
 * Whatever else an answer is held to, inside a repetition of that class these are allowed as long
 * as there is room. Immutable.
 */
final class CharacterTokens {

  private final BitSet all;
  private final int[] places; // in the tree's order, by number of characters
  private final int[] ends; // by number of characters: where the next number begins
  private final BitSet firstBytes;

  private CharacterTokens(BitSet all, int[] places, int[] ends, BitSet firstBytes) {
    this.all = all;
    this.places = places;
    this.ends = ends;
    this.firstBytes = firstBytes;
  }

  static CharacterTokens of(CharacterLanguage one, TokenTrie trie) {
    BitSet bytes = new BitSet();
    bytes.set(0, 256);
    TextAutomaton text = new TextAutomaton(Graph.of(one.repeated(0, -1)), bytes);
    TextAutomaton.State[] path = new TextAutomaton.State[trie.longest() + 1];
    int[] counts = new int[path.length]; // whole characters up to a depth
    path[0] = text.start();
    BitSet all = new BitSet(trie.size());
    byte[] lengths = new byte[trie.size()];
    BitSet firstBytes = new BitSet();
    for (int node = 0; node < trie.nodes(); ) {
      int depth = trie.depth(node);
      TextAutomaton.State next = text.step(path[depth - 1], trie.label(node));
      if (next == TextAutomaton.DEAD) {
        node = trie.end(node);
        continue;
      }
      if (depth == 1) {
        firstBytes.set(trie.label(node));
      }
      path[depth] = next;
      counts[depth] = counts[depth - 1] + (next.accepts() ? 1 : 0);
      if (next.accepts() && counts[depth] <= Byte.MAX_VALUE) {
        all.set(trie.first(node), trie.first(node + 1));
        Arrays.fill(lengths, trie.first(node), trie.first(node + 1), (byte) counts[depth]);
      }
      node++;
    }
    int[] ends = new int[Byte.MAX_VALUE + 1];
    all.stream().forEach(place -> ends[lengths[place]]++);
    for (int i = 1; i < ends.length; i++) {
      ends[i] += ends[i - 1];
    }
    int[] next = new int[ends.length];
    System.arraycopy(ends, 0, next, 1, ends.length - 1);
    int[] places = new int[all.cardinality()];
    all.stream().forEach(place -> places[next[lengths[place]]++] = place);
    return new CharacterTokens(all, places, ends, firstBytes);
  }

  /** All of them, by their places in the tree. Not to be changed. */
  BitSet all() {
    return all;
  }

  /** The bytes that they begin with. Not to be changed. */
  BitSet firstBytes() {
    return firstBytes;
  }

  /** The greatest number of characters of a token that has at most so many; 0 if there is none. */
  int longest(int most) {
    int longest = Math.min(most, ends.length - 1);
    while (longest > 0 && ends[longest] == ends[longest - 1]) {
      longest--;
    }
    return longest;
  }

  /** Adds those with a number of characters within bounds. */
  void addTo(BitSet set, int least, int most) {
    int from = ends[Math.min(least, ends.length) - 1];
    int to = ends[Math.min(most, ends.length - 1)];
    if (to - from <= places.length / 2) {
      for (int i = from; i < to; i++) {
        set.set(places[i]);
      }
    } else {
      BitSet some = (BitSet) all.clone();
      for (int i = 0; i < from; i++) {
        some.clear(places[i]);
      }
      for (int i = to; i < places.length; i++) {
        some.clear(places[i]);
      }
      set.or(some);
    }
  }
}
