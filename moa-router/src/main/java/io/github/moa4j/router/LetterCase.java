package io.github.moa4j.router;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Capitals as a sentence has them. Whoever writes in capitals, or Every Word With One, does not
 * write of something else, but to a tokenizer these are other words. So a text in capitals, a text
 * in title case and a run of words in capitals become small letters, but for those that begin a
 * sentence or a line, the word I, and single letters that name a choice, as {@code (A)}. Single
 * words in capitals stay: they are names more often than not.
 */
final class LetterCase {

  private static final int FEWEST_CAPITALS = 4;
  private static final int CAPITALS_A_SMALL_LETTER = 3;
  private static final int FEWEST_WORDS_OF_A_RUN = 3;
  private static final int FEWEST_CAPITALS_OF_A_RUN = 10;
  private static final int FEWEST_WORDS_OF_A_TITLE = 5;
  private static final double TITLE = 0.9; // of its words begin with a capital

  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final Pattern START =
      Pattern.compile(
          // bounded, as rows of signs would else be read to their end from each of them
          "(?:^|[.!?]\\s++|\\n)[^\\p{L}\\p{N}\\n]{0,64}+(\\p{Ll})"
              + "|(?<![\\p{L}\\p{N}'])(i)(?=['\\s,;?!]|$)"
              + "|(?<=^|[\\s(])(\\p{Ll})(?=[).:])");

  private LetterCase() {}

  /** A word, and what its letters are. */
  private record Word(int start, int end, int capitals, int small, boolean capitalised) {

    static Word of(String text, int start, int end) {
      int capitals = 0;
      int small = 0;
      boolean capitalised = false;
      for (int i = start; i < end; i++) {
        char letter = text.charAt(i);
        if (Character.isUpperCase(letter)) {
          capitalised |= capitals + small == 0;
          capitals++;
        } else if (Character.isLowerCase(letter)) {
          small++;
        }
      }
      return new Word(start, end, capitals, small, capitalised);
    }

    /** Whether it tells how its neighbours are written: a letter alone does not. */
    boolean tells() {
      return capitals + small > 1;
    }
  }

  /** Returns a text with capitals as a sentence has them; the text itself where it has. */
  static String ofSentences(String text) {
    if (text.chars().noneMatch(Character::isUpperCase)) {
      return text;
    }
    List<Word> words = words(text);
    StringBuilder lowered = new StringBuilder(text);
    if (isInCapitals(words) || isTitle(words)) {
      lower(lowered, 0, text.length());
    } else {
      lowerRuns(words, lowered);
    }
    return text.contentEquals(lowered) ? text : withStarts(lowered, text);
  }

  private static List<Word> words(String text) {
    List<Word> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      words.add(Word.of(text, word.start(), word.end()));
    }
    return words;
  }

  private static boolean isInCapitals(List<Word> words) {
    int capitals = words.stream().mapToInt(Word::capitals).sum();
    int small = words.stream().mapToInt(Word::small).sum();
    return capitals >= FEWEST_CAPITALS && capitals > CAPITALS_A_SMALL_LETTER * small;
  }

  private static boolean isTitle(List<Word> words) {
    long telling = words.stream().filter(Word::tells).count();
    long capitalised = words.stream().filter(Word::tells).filter(Word::capitalised).count();
    return telling >= FEWEST_WORDS_OF_A_TITLE && capitalised >= TITLE * telling;
  }

  /** Words without letters, and letters alone, neither end a run nor count. */
  private static void lowerRuns(List<Word> words, StringBuilder text) {
    int first = 0;
    while (first < words.size()) {
      int end = first;
      int telling = 0;
      int capitals = 0;
      while (end < words.size() && words.get(end).small() == 0) {
        Word word = words.get(end);
        telling += word.tells() ? 1 : 0;
        capitals += word.capitals();
        end++;
      }
      if (telling >= FEWEST_WORDS_OF_A_RUN && capitals >= FEWEST_CAPITALS_OF_A_RUN) {
        lower(text, words.get(first).start(), words.get(end - 1).end());
      }
      first = end + 1;
    }
  }

  private static void lower(StringBuilder text, int start, int end) {
    for (int i = start; i < end; i++) {
      text.setCharAt(i, Character.toLowerCase(text.charAt(i)));
    }
  }

  /** Gives back the capitals of the original where a sentence has one. */
  private static String withStarts(StringBuilder lowered, String original) {
    Matcher start = START.matcher(lowered.toString());
    while (start.find()) {
      for (int group = 1; group <= start.groupCount(); group++) {
        if (start.group(group) != null) {
          lowered.setCharAt(start.start(group), original.charAt(start.start(group)));
        }
      }
    }
    return lowered.toString();
  }
}
