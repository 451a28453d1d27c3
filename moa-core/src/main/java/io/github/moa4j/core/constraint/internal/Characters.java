package io.github.moa4j.core.constraint.internal;

import java.util.BitSet;

/** A set of characters; {@code \s} is what all engines agree on. */
record Characters(BitSet set) {

  static final Characters NONE = new Characters(new BitSet());
  static final Characters ALL = of(0, Character.MAX_CODE_POINT);
  static final Characters DIGITS = of('0', '9');
  static final Characters WORD = DIGITS.or(of('a', 'z')).or(of('A', 'Z')).or(of('_', '_'));
  static final Characters SPACE = of(' ', ' ').or(of('\t', '\r'));
  static final Characters ANY_SPACE = anySpace();
  static final Characters DOT =
      of('\n', '\n').or(of('\r', '\r')).or(of(0x85, 0x85)).or(of(0x2028, 0x2029)).others();

  static Characters of(int first, int last) {
    BitSet set = new BitSet();
    set.set(first, last + 1);
    return new Characters(set);
  }

  private static Characters anySpace() {
    Characters all = SPACE.or(of(0x85, 0x85)).or(of(0xFEFF, 0xFEFF)).or(of(0x2028, 0x2029));
    for (int c = 0; c < 0x10000; c++) {
      if (Character.isSpaceChar(c)) {
        all.set.set(c);
      }
    }
    return all;
  }

  Characters or(Characters other) {
    BitSet all = (BitSet) set.clone();
    all.or(other.set);
    return new Characters(all);
  }

  Characters others() {
    BitSet others = (BitSet) set.clone();
    others.flip(0, Character.MAX_CODE_POINT + 1);
    return new Characters(others);
  }

  boolean isOne() {
    return set.cardinality() == 1;
  }

  int first() {
    return set.nextSetBit(0);
  }

  /** One character of the set: as it is, or as it is written in a JSON string. */
  Language language(boolean inJson) {
    return (graph, from, to) -> {
      for (int low = set.nextSetBit(0); low >= 0; ) {
        int end = set.nextClearBit(low);
        if (inJson) {
          inJson(graph, from, low, end - 1, to);
        } else {
          graph.characters(from, low, end - 1, to);
        }
        low = set.nextSetBit(end);
      }
    };
  }

  /** Each character has one written form, so that lengths and patterns stay what they are. */
  private static void inJson(Graph graph, int from, int low, int high, int to) {
    for (int c = low; c <= Math.min(high, 0x1F); c++) {
      int escape = "\b\t\n\f\r".indexOf(c);
      String written = escape >= 0 ? "\\" + "btnfr".charAt(escape) : String.format("\\u%04x", c);
      Language.text(written).write(graph, from, to);
    }
    for (int c : new int[] {'"', '\\'}) {
      if (low <= c && c <= high) {
        Language.text("\\" + (char) c).write(graph, from, to);
      }
    }
    plain(graph, from, Math.max(low, 0x20), Math.min(high, '"' - 1), to);
    plain(graph, from, Math.max(low, '"' + 1), Math.min(high, '\\' - 1), to);
    plain(graph, from, Math.max(low, '\\' + 1), high, to);
  }

  private static void plain(Graph graph, int from, int low, int high, int to) {
    if (low <= high) {
      graph.characters(from, low, high, to);
    }
  }
}
