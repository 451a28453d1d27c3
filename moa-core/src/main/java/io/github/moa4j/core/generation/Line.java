package io.github.moa4j.core.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one answer adds to a pass: a piece of its prompt, or the token it drew last.
 *
 * @param tokens to be appended to its slot
 * @param last whether an answer's next token follows them
 */
record Line(ScheduledAnswer answer, int[] tokens, boolean last) {

  /** The token that an answer drew last. */
  static Line ofLastToken(ScheduledAnswer answer) {
    return new Line(answer, new int[] {answer.row.lastToken()}, true);
  }

  private static Line ofPrompt(ScheduledAnswer answer, int count) {
    int from = answer.done;
    int[] tokens = Arrays.copyOfRange(answer.prompt(), from, from + count);
    return new Line(answer, tokens, count == answer.left());
  }

  /**
   * Cuts prompts: the one that has waited longest gets half of the tokens for sure, and of the
   * others those that need the fewest go first, so that neither a long prompt waits for ever nor a
   * short one for a long one.
   *
   * @param answers in the order of their waiting
   * @param most tokens in all
   * @return lines in the same order
   */
  static List<Line> ofPrompts(List<ScheduledAnswer> answers, int most) {
    int[] counts = new int[answers.size()];
    counts[0] = cut(answers.get(0).left(), (most + 1) / 2);
    int rest = most - counts[0];
    List<Integer> others =
        IntStream.range(1, counts.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> answers.get(i).left()))
            .toList();
    for (int other : others) {
      counts[other] = cut(answers.get(other).left(), rest);
      rest -= counts[other];
    }
    counts[0] = cut(answers.get(0).left(), counts[0] + rest);
    return IntStream.range(0, counts.length)
        .filter(i -> counts[i] > 0)
        .mapToObj(i -> ofPrompt(answers.get(i), counts[i]))
        .toList();
  }

  /**
   * How many of the tokens left a pass takes. A single one of a longer prompt, first or last, would
   * be multiplied in another order than among others.
   */
  private static int cut(int left, int most) {
    if (left <= most) {
      return left;
    }
    int count = left - most == 1 ? most - 1 : most;
    return count == 1 ? 0 : count;
  }

  /** Takes prompts as they are: the first in any case, and others while they fit. */
  static List<Line> ofWholePrompts(List<ScheduledAnswer> answers, int most) {
    List<Line> lines = new ArrayList<>();
    int rest = most;
    for (ScheduledAnswer answer : answers) {
      if (lines.isEmpty() || answer.left() <= rest) {
        lines.add(ofPrompt(answer, answer.left()));
        rest -= answer.left();
      }
    }
    return lines;
  }
}
