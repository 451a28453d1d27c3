package io.github.moa4j.router.routing.internal;

import io.github.moa4j.router.RoutingText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The parts of a long text in which its question may stand alone, before or behind what was pasted:
 * its beginning and its end, of several lengths in words and in sentences, and without its first or
 * last line.
 */
final class TextParts {

  private static final int SHORTEST_TEXT = 48; // words, some 64 tokens
  private static final int[] WORDS = {8, 12, 16, 24, 32, 48, 64, 96};
  private static final int[] SENTENCES = {1, 2, 3, 4, 6};
  private static final int LONGEST_PART = 400; // words

  private static final Pattern SPACE = Pattern.compile("\\s+");

  /** Of scripts that put no spaces between words each character counts as one. */
  private static final String UNSPACED =
      "\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}\\p{IsLao}\\p{IsKhmer}\\p{IsMyanmar}";

  private static final Pattern WORD =
      Pattern.compile("[" + UNSPACED + "]\\p{M}*|[^\\s" + UNSPACED + "]+");
  private static final Pattern SENTENCE_END =
      Pattern.compile("(?<=[.!?\\u3002\\uff1f\\uff01])\\s+|\\n+|(?<=[\\u3002\\uff1f\\uff01])");
  private static final Pattern LINE_END = Pattern.compile("\\n\\s*");

  private TextParts() {}

  /**
   * A part.
   *
   * @param fromStart whether it is the beginning of the text, not the end
   * @param telling whether it is long enough to tell that its end of the text is of no domain
   */
  record Part(String text, boolean fromStart, boolean telling) {}

  /** Returns the parts of a text; none of a short one. */
  static List<Part> of(String text) {
    List<MatchResult> words = words(text);
    if (words.size() <= SHORTEST_TEXT) {
      return List.of();
    }
    Set<Part> parts = new LinkedHashSet<>();
    for (int count : WORDS) {
      if (count < words.size()) {
        boolean tells = count >= SHORTEST_TEXT;
        String before = text.substring(0, words.get(count - 1).end());
        String behind = text.substring(words.get(words.size() - count).start());
        parts.add(new Part(onOneLine(before), true, tells));
        parts.add(new Part(onOneLine(behind), false, tells));
      }
    }
    addSentences(parts, Arrays.asList(SENTENCE_END.split(text)));
    List<String> lines = Arrays.asList(LINE_END.split(text));
    if (lines.size() > 1) {
      parts.add(new Part(lines.get(0), true, false));
      parts.add(new Part(lines.get(lines.size() - 1), false, false));
      parts.add(new Part(String.join("\n", lines.subList(1, lines.size())), false, false));
      parts.add(new Part(String.join("\n", lines.subList(0, lines.size() - 1)), true, false));
    }
    List<Part> kept = new ArrayList<>();
    for (Part part : parts) {
      if (!RoutingText.isBlank(part.text()) && words(part.text()).size() <= LONGEST_PART) {
        kept.add(part);
      }
    }
    return List.copyOf(kept);
  }

  private static List<MatchResult> words(String text) {
    return WORD.matcher(text).results().toList();
  }

  private static String onOneLine(String text) {
    return SPACE.matcher(text).replaceAll(" ");
  }

  private static void addSentences(Set<Part> parts, List<String> sentences) {
    int all = sentences.size();
    for (int count : SENTENCES) {
      if (count < all) {
        parts.add(new Part(String.join(" ", sentences.subList(0, count)), true, false));
        parts.add(new Part(String.join(" ", sentences.subList(all - count, all)), false, false));
      }
    }
  }
}
