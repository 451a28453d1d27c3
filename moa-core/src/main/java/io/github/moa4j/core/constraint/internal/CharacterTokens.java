package io.github.moa4j.core.constraint.internal;

import java.util.Arrays;
import java.util.BitSet;

/**
 * How tokens are made of the characters of one class. Whatever else an answer is held to, inside a
 * repetition of that class those that are nothing else are allowed as long as there is room, and of
 * the others only that has to be looked at which is behind their last character. Immutable.
 */
final class CharacterTokens {

  /** Bytes at most that a character which is begun still needs: of a backslash and u. */
  private static final int MOST_MISSING = 5;

  private final Group[] groups;
  private final Leaving[] leaving; // by the first byte of another kind
  private final BitSet firstBytes;

  private CharacterTokens(Group[] groups, Leaving[] leaving, BitSet firstBytes) {
    this.groups = groups;
    this.leaving = leaving;
    this.firstBytes = firstBytes;
  }

  /** Looks through the tokens below a node of a tree. */
  static CharacterTokens of(CharacterLanguage one, TokenTrie trie, int root) {
    TextAutomaton text = new TextAutomaton(Graph.of(one.repeated(0, -1)), trie.single());
    State[] path = new State[trie.longest() + 1];
    int[] counts = new int[path.length]; // of characters up to a depth, one that is begun included
    int top = trie.depth(root);
    path[top] = text.start();
    short[][] numbers = new short[MOST_MISSING + 1][trie.size()];
    Leaving[] leaving = new Leaving[256];
    Arrays.setAll(leaving, label -> new Leaving());
    for (int node = root + 1; node < trie.end(root); ) {
      int depth = trie.depth(node);
      int label = trie.label(node);
      State before = path[depth - 1];
      State next = text.step(before, label);
      if (next == TextAutomaton.DEAD) {
        if (depth > top + 1 && before.accepts()) {
          leaving[label].add(node, counts[depth - 1]);
        }
        node = trie.end(node);
        continue;
      }
      path[depth] = next;
      counts[depth] = counts[depth - 1] + (before.accepts() ? 1 : 0);
      Arrays.fill(
          numbers[next.distance()], trie.first(node), trie.first(node + 1), (short) counts[depth]);
      node++;
    }
    BitSet firstBytes = new BitSet();
    for (int b = 0; b < 256; b++) {
      firstBytes.set(b, text.step(text.start(), b) != TextAutomaton.DEAD);
    }
    return new CharacterTokens(
        Arrays.stream(numbers).map(Group::of).toArray(Group[]::new), leaving, firstBytes);
  }

  /** Those of which the last character still needs so many bytes, by 0 to a few. */
  Group[] groups() {
    return groups.clone();
  }

  /** Those with another byte behind some characters. */
  Leaving leaving(int label) {
    return leaving[label];
  }

  /** The bytes that a character begins with. Not to be changed. */
  BitSet firstBytes() {
    return firstBytes;
  }

  /** Nodes of the tree, each behind whole characters, and the number of these. */
  static final class Leaving {

    private int[] nodes = {};
    private short[] counts = {};
    private int size;

    private void add(int node, int count) {
      if (size == nodes.length) {
        nodes = Arrays.copyOf(nodes, 2 * size + 1);
        counts = Arrays.copyOf(counts, 2 * size + 1);
      }
      nodes[size] = node;
      counts[size++] = (short) count;
    }

    int size() {
      return size;
    }

    int node(int index) {
      return nodes[index];
    }

    int count(int index) {
      return counts[index];
    }
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
    private static Group of(short[] numbers) {
      BitSet all = new BitSet(numbers.length);
      int most = 0;
      for (int place = 0; place < numbers.length; place++) {
        if (numbers[place] > 0) {
          all.set(place);
          most = Math.max(most, numbers[place]);
        }
      }
      int[] ends = new int[most + 1];
      all.stream().forEach(place -> ends[numbers[place]]++);
      for (int i = 1; i < ends.length; i++) {
        ends[i] += ends[i - 1];
      }
      int[] next = new int[ends.length + 1];
      System.arraycopy(ends, 0, next, 1, ends.length);
      int[] places = new int[all.cardinality()];
      all.stream().forEach(place -> places[next[numbers[place]]++] = place);
      return new Group(all, places, ends);
    }

    /** The greatest number of characters. */
    int longest() {
      return ends.length - 1;
    }

    /** Whether there are tokens with a number of characters, 1 or more. */
    boolean has(int number) {
      return ends[number] > ends[number - 1];
    }

    /** Adds those with a number of characters within bounds. */
    void addTo(BitSet set, int least, int most) {
      int from = ends[least - 1];
      int to = ends[most];
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
