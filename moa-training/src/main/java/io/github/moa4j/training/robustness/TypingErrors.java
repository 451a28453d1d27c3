package io.github.moa4j.training.robustness;

import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Slips of the fingers. Of the words of two letters or more a fifth, and at least one, gets one
 * error: two neighbouring letters change places, a letter is left out, doubled, or replaced by the
 * one beside it on a keyboard.
 */
final class TypingErrors {

  private static final double SHARE_OF_WORDS = 0.2;
  private static final Pattern WORD = Pattern.compile("\\p{L}{2,}");
  private static final List<String> KEYS = List.of("qwertyuiop", "asdfghjkl", "zxcvbnm");

  private TypingErrors() {}

  /** Returns the text with errors; a text without words stays as it is. */
  static String in(String text, long seed) {
    List<MatchResult> words = WORD.matcher(text).results().toList();
    SplittableRandom random = new SplittableRandom(31 * seed + text.hashCode());
    int left = words.isEmpty() ? 0 : (int) Math.max(1, Math.round(SHARE_OF_WORDS * words.size()));
    StringBuilder mistyped = new StringBuilder();
    int done = 0;
    for (int i = 0; i < words.size(); i++) {
      MatchResult word = words.get(i);
      mistyped.append(text, done, word.start());
      boolean slips = random.nextInt(words.size() - i) < left; // so that all are equally likely
      mistyped.append(slips ? mistype(word.group(), random) : word.group());
      left -= slips ? 1 : 0;
      done = word.end();
    }
    return mistyped.append(text, done, text.length()).toString();
  }

  private static String mistype(String word, SplittableRandom random) {
    int at = random.nextInt(word.length() - 1);
    char first = word.charAt(at);
    char second = word.charAt(at + 1);
    if (Character.isSurrogate(first) || Character.isSurrogate(second)) {
      return word; // half a pair is no letter
    }
    String typed =
        switch (random.nextInt(4)) {
          case 0 -> "" + second + first;
          case 1 -> "" + first;
          case 2 -> "" + first + first + second;
          default -> "" + first + beside(second, random);
        };
    return word.substring(0, at) + typed + word.substring(at + 2);
  }

  /** A letter's neighbour in its row of the keyboard; a letter that is on no key stays. */
  private static char beside(char letter, SplittableRandom random) {
    char lower = Character.toLowerCase(letter);
    for (String row : KEYS) {
      int key = row.indexOf(lower);
      if (key >= 0) {
        boolean left = key == row.length() - 1 || (key > 0 && random.nextBoolean());
        char typed = row.charAt(left ? key - 1 : key + 1);
        return lower == letter ? typed : Character.toUpperCase(typed);
      }
    }
    return letter;
  }
}
