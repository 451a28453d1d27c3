package io.github.moa4j.examples.domains;

import io.github.moa4j.examples.domains.Grammar.Piece;
import io.github.moa4j.examples.domains.Grammar.Sentence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Writes a sentence down as people do: with or without capitals and a full stop, with slips of the
 * finger and without small words. Values stay as they are, since they must be copied.
 */
final class Wording {

  private static final int SHORTEST_MISTYPED = 4; // letters
  private static final Set<String> SMALL = Set.of("the", "a", "an", "of", "to", "for", "all", "me");

  private Wording() {}

  static String of(Sentence sentence, RandomGenerator random) {
    boolean careless = Draw.chance(random, 0.2);
    StringBuilder text = new StringBuilder();
    for (Piece piece : sentence.pieces()) {
      text.append(careless && !piece.value() ? hasty(piece.text(), random) : piece.text());
    }
    String written = text.toString().strip().replaceAll(" {2,}", " ");
    if (Draw.chance(random, 0.5)) {
      boolean value = sentence.pieces().get(0).value();
      written = value ? written : capital(written);
    }
    boolean ended = written.matches(".*[.?!]$");
    return ended || Draw.chance(random, 0.65)
        ? written
        : written + Draw.oneOf(random, ".", ".", "!", " ?", "?", " ..", " thx");
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static String hasty(String text, RandomGenerator random) {
    List<String> words = new ArrayList<>(List.of(text.split(" ", -1)));
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean upTo = i > 0 && words.get(i - 1).equals("up"); // "up 5 MB" may be more or less
      if (SMALL.contains(word) && !upTo && Draw.chance(random, 0.4)) {
        words.set(i, "");
      } else if (word.length() >= SHORTEST_MISTYPED
          && word.chars().allMatch(Character::isLetter)
          && Draw.chance(random, 0.2)) {
        words.set(i, mistyped(word, random));
      }
    }
    return String.join(" ", words);
  }

  private static String mistyped(String word, RandomGenerator random) {
    int at = Draw.number(random, 1, word.length() - 2);
    String before = word.substring(0, at);
    return switch (random.nextInt(3)) {
      case 0 -> before + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
      case 1 -> before + word.substring(at + 1);
      default -> before + word.charAt(at) + word.substring(at);
    };
  }
}
