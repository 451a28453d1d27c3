package io.github.moa4j.core.constraint.internal;

import java.util.BitSet;
import java.util.List;

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

  /** By the numbers that {@link Character#getType(int)} gives them. */
  private static final List<String> CATEGORIES =
      List.of(
          "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp",
          "Cc", "Cf", "", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi",
          "Pf");

  static Characters of(int first, int last) {
    BitSet set = new BitSet();
    set.set(first, last + 1);
    return new Characters(set);
  }

  /** A general category of Unicode by its short name, or a group of them; none if it is neither. */
  static Characters ofCategory(String name) {
    BitSet types = new BitSet();
    for (int type = 0; type < CATEGORIES.size(); type++) {
      String category = CATEGORIES.get(type);
      types.set(type, category.equals(name) || (name.length() == 1 && category.startsWith(name)));
    }
    BitSet set = new BitSet();
    for (int c = 0; !types.isEmpty() && c <= Character.MAX_CODE_POINT; c++) {
      set.set(c, types.get(Character.getType(c)));
    }
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

  boolean isEmpty() {
    return set.isEmpty();
  }

  boolean isOne() {
    return set.cardinality() == 1;
  }

  int first() {
    return set.nextSetBit(0);
  }

  Characters and(Characters other) {
    BitSet both = (BitSet) set.clone();
    both.and(other.set);
    return new Characters(both);
  }

  boolean contains(int character) {
    return set.get(character);
  }

  /** Tells each range of neighbours in the set. */
  void forEachRange(Range each) {
    for (int low = set.nextSetBit(0); low >= 0; ) {
      int end = set.nextClearBit(low);
      each.accept(low, end - 1);
      low = set.nextSetBit(end);
    }
  }

  /** One character of the set: as it is, or as it is written in a JSON string. */
  CharacterLanguage language(boolean inJson) {
    return new CharacterLanguage(this, inJson);
  }

  /** Takes a range. */
  @FunctionalInterface
  interface Range {

    /** Takes the first and the last character of a range. */
    void accept(int low, int high);
  }
}
