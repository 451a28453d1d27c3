package io.github.moa4j.core.constraint.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One character of a set.
 *
 * @param inJson whether as it is written in a JSON string, else as it is
 */
record CharacterLanguage(Characters characters, boolean inJson) implements Language {

  private static final Characters UNESCAPED =
      Characters.of(0, 0x1F).or(Characters.of('"', '"')).or(Characters.of('\\', '\\')).others();

  /** A character so many times, however many of its copies that would be. */
  record Loop(CharacterLanguage one, int least, int most) implements Language {

    @Override
    public void write(Graph graph, int from, int to) {
      if (graph.isFlat()) {
        one.copies(least, most).write(graph, from, to);
      } else {
        graph.call(from, graph.rule(one), least, most, to);
      }
    }

    @Override
    public Language and(Language other) {
      if (!(other instanceof Loop loop) || loop.one.inJson != one.inJson) {
        return Language.super.and(other);
      }
      int low = Math.max(least, loop.least);
      int high = most < 0 ? loop.most : loop.most < 0 ? most : Math.min(most, loop.most);
      return high >= 0 && high < low
          ? NOTHING
          : new Loop(
              new CharacterLanguage(one.characters.and(loop.one.characters), one.inJson),
              low,
              high);
    }
  }

  @Override
  public Language repeated(int least, int most) {
    return least == 1 && most == 1 ? this : new Loop(this, least, most);
  }

  @Override
  public void write(Graph graph, int from, int to) {
    Characters plain = inJson ? characters.and(UNESCAPED) : characters;
    Map<List<Integer>, Integer> known = new HashMap<>();
    plain.forEachRange((low, high) -> graph.characters(from, low, high, to, known));
    if (inJson) {
      escapes(graph, from, to);
    }
  }

  /** Each character has one written form, so that lengths and patterns stay what they are. */
  private void escapes(Graph graph, int from, int to) {
    int escaped = -1;
    int[] digits = {-1, -1}; // behind four of an escape's six signs
    for (int c = 0; c <= '\\'; c++) {
      int letter = "\b\t\n\f\r\"\\".indexOf(c);
      if (!characters.contains(c) || (c > 0x1F && letter < 0)) {
        continue;
      }
      if (escaped < 0) {
        escaped = graph.node();
        graph.bytes(from, '\\', '\\', escaped);
      }
      if (letter >= 0) {
        int written = "btnfr\"\\".charAt(letter);
        graph.bytes(escaped, written, written, to, true);
        continue;
      }
      int half = c >> 4;
      if (digits[half] < 0) {
        digits[half] = graph.node();
        Language.text("u00" + half).write(graph, escaped, digits[half]);
      }
      int digit = Character.forDigit(c & 15, 16);
      graph.bytes(digits[half], digit, digit, to, true);
    }
  }
}
