package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prompts as sets of runs of five words, which near duplicates share. Case and punctuation do not
 * count; a prompt of fewer words is one run. Each run has a number, the same in all sets of one
 * instance.
 */
final class Shingles {

  private static final int WORDS = 5;
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");

  private final Map<String, Integer> numbers = new HashMap<>();

  /** Returns the numbers of a prompt's runs, ascending, each once; empty if it has no word. */
  int[] of(List<ChatMessage> prompt) {
    List<String> words = new ArrayList<>();
    for (ChatMessage message : prompt) {
      words.addAll(words(message.content()));
    }
    if (words.isEmpty()) {
      return new int[0];
    }
    int length = Math.min(WORDS, words.size());
    int[] runs = new int[words.size() - length + 1];
    for (int i = 0; i < runs.length; i++) {
      String run = String.join(" ", words.subList(i, i + length));
      runs[i] = numbers.computeIfAbsent(run, unseen -> numbers.size());
    }
    return Arrays.stream(runs).sorted().distinct().toArray();
  }

  /** Returns the words of a text in lower case. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  /** Returns how many different runs were seen. */
  int count() {
    return numbers.size();
  }

  /** Returns the size of the intersection as share of the union; 0 if one is empty. */
  static double similarity(int[] left, int[] right) {
    int shared = 0;
    for (int i = 0, j = 0; i < left.length && j < right.length; ) {
      int order = Integer.compare(left[i], right[j]);
      shared += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return shared == 0 ? 0 : (double) shared / (left.length + right.length - shared);
  }
}
