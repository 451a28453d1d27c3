package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The tokens that are nothing but characters of one class, by how many characters they are; the
 * last one may be begun only. Whatever else an answer is held to, inside a repetition of that class
 * these are allowed as long as there is room. Immutable.
 */
final class CharacterTokens {

  /** Bytes at most that a character which is begun still needs. */
  static final int MOST_MISSING = 5; // of a backslash, u and four digits

  private final Group whole;
  private final Group begun;
  private final BitSet firstBytes;

  private CharacterTokens(Group whole, Group begun, BitSet firstBytes) {
    this.whole = whole;
    this.begun = begun;
    this.firstBytes = firstBytes;
  }

  static CharacterTokens of(CharacterLanguage one, TokenTrie trie) {
    TextAutomaton text = new TextAutomaton(Graph.of(one.repeated(0, -1)), trie.single());
    TextAutomaton.State[] path = new TextAutomaton.State[trie.longest() + 1];
    int[] counts = new int[path.length]; // whole characters up to a depth
    path[0] = text.start();
    byte[] whole = new byte[trie.size()];
    byte[] begun = new byte[trie.size()];
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
      int count = counts[depth] + (next.accepts() ? 0 : 1);
      if (count <= Byte.MAX_VALUE) {
        Arrays.fill(
            next.accepts() ? whole : begun, trie.first(node), trie.first(node + 1), (byte) count);
      }
      node++;
    }
    return new CharacterTokens(Group.of(whole), Group.of(begun), firstBytes);
  }

  /** Those of whole characters. */
  Group whole() {
    return whole;
  }

  /** Those whose last character is begun only; it counts. */
  Group begun() {
    return begun;
  }

  /** The bytes that they begin with. Not to be changed. */
  BitSet firstBytes() {
    return firstBytes;
  }

  /**
   * Tokens by their number of characters.
   *
   * @param all their places in the tree; not to be changed
   * @param places the same in the order of the numbers
   * @param ends by number of characters: where the next number begins
   */
  record Group(BitSet all, int[] places, int[] ends) {

    /** Those that have a number. */
    private static Group of(byte[] numbers) {
      BitSet all = new BitSet(numbers.length);
      int[] ends = new int[Byte.MAX_VALUE + 1];
      for (int place = 0; place < numbers.length; place++) {
        if (numbers[place] > 0) {
          all.set(place);
          ends[numbers[place]]++;
        }
      }
      for (int i = 1; i < ends.length; i++) {
        ends[i] += ends[i - 1];
      }
      int[] next = new int[ends.length];
      System.arraycopy(ends, 0, next, 1, ends.length - 1);
      int[] places = new int[all.cardinality()];
      all.stream().forEach(place -> places[next[numbers[place]]++] = place);
      return new Group(all, places, ends);
    }

    /** The greatest number of characters of a token that has at most so many; 0 for none. */
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
}
