package io.github.moa4j.training.data;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Examples that repeat another, sorted by what they share. An example stands in one of the first
 * three lists at most, and in {@code contexts} besides.
 *
 * @param examples prompt and answer are those of another example
 * @param prompts the prompt is that of another example, the answer is not
 * @param nearPrompts the prompt is nearly that of another example
 * @param contexts what the prompt asks about, its text below the first line, is that of another
 *     example, whatever the question; of several words only
 */
public record Duplicates(
    List<Pair> examples, List<Pair> prompts, List<Pair> nearPrompts, List<Pair> contexts) {

  private static final int LINES_SHOWN = 3;

  /**
   * An example and one that it repeats. Every line of a file of examples holds one, so an example's
   * place in the list is also its line in the file.
   *
   * @param line of the example, from 1
   * @param otherLine of the example it repeats, from 1; of several the first, or the most similar
   * @param similarity of their prompts, 0 to 1; 1 if they are equal
   */
  public record Pair(int line, int otherLine, double similarity) {}

  /** Copies the lists. */
  public Duplicates {
    examples = List.copyOf(examples);
    prompts = List.copyOf(prompts);
    nearPrompts = List.copyOf(nearPrompts);
    contexts = List.copyOf(contexts);
  }

  /** Tells whether no example, prompt or near prompt is repeated; contexts may be. */
  public boolean isEmpty() {
    return examples.isEmpty() && prompts.isEmpty() && nearPrompts.isEmpty();
  }

  /**
   * Returns a line for each list that holds anything, ended by a newline: how many, with the
   * numbers of a few lines of the files.
   *
   * @param place what was compared, such as {@code validation in training}
   */
  public String report(String place) {
    return line(place, "same prompt and answer", examples)
        + line(place, "same prompt, other answer", prompts)
        + line(place, "nearly the same prompt", nearPrompts)
        + line(place, "same context", contexts);
  }

  private static String line(String place, String what, List<Pair> pairs) {
    if (pairs.isEmpty()) {
      return "";
    }
    String lines =
        pairs.stream()
            .limit(LINES_SHOWN)
            .map(pair -> "%d as %d".formatted(pair.line(), pair.otherLine()))
            .collect(Collectors.joining(", ", "lines ", pairs.size() > LINES_SHOWN ? ", …" : ""));
    return String.format(Locale.ROOT, "  %s, %s: %d (%s)\n", place, what, pairs.size(), lines);
  }
}
