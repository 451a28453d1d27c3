package io.github.moa4j.router.routing.internal;

import io.github.moa4j.router.RoutingText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
    List<String> words = Arrays.asList(SPACE.split(text, -1));
    if (words.size() <= SHORTEST_TEXT) {
      return List.of();
    }
    Set<Part> parts = new LinkedHashSet<>();
    addEnds(parts, words, WORDS, SHORTEST_TEXT);
    addEnds(parts, Arrays.asList(SENTENCE_END.split(text)), SENTENCES, Integer.MAX_VALUE);
    List<String> lines = Arrays.asList(LINE_END.split(text));
    if (lines.size() > 1) {
      parts.add(new Part(lines.get(0), true, false));
      parts.add(new Part(lines.get(lines.size() - 1), false, false));
      parts.add(new Part(String.join("\n", lines.subList(1, lines.size())), false, false));
      parts.add(new Part(String.join("\n", lines.subList(0, lines.size() - 1)), true, false));
    }
    List<Part> kept = new ArrayList<>();
    for (Part part : parts) {
      if (!RoutingText.isBlank(part.text())
          && SPACE.split(part.text(), -1).length <= LONGEST_PART) {
        kept.add(part);
      }
    }
    return List.copyOf(kept);
  }

  private static void addEnds(Set<Part> parts, List<String> pieces, int[] counts, int telling) {
    int all = pieces.size();
    for (int count : counts) {
      if (count < all) {
        boolean tells = count >= telling;
        parts.add(new Part(String.join(" ", pieces.subList(0, count)), true, tells));
        parts.add(new Part(String.join(" ", pieces.subList(all - count, all)), false, tells));
      }
    }
  }
}
