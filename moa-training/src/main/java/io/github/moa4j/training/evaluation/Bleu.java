package io.github.moa4j.training.evaluation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BLEU of a corpus (Papineni et al., 2002): how many of the answers' runs of one to four words
 * stand in the references, the geometric mean of the four shares, lowered where the answers are
 * shorter than the references. The counts are summed over all answers first, so it is not the mean
 * of their scores.
 *
 * <p>The numbers are sacreBLEU's (Post, 2018) with its standard settings, {@code
 * case:mixed|eff:no|tok:13a|smooth:exp}: an order without a match counts as a half match, the next
 * such order as a quarter, and so on.
 *
 * @param answers number of answers
 * @param answerLength words in the answers
 * @param referenceLength words in the references; with several, in the one whose length is closest
 * @param matches runs of 1, 2, 3 and 4 words of the answers that stand in a reference, each at most
 *     as often as there
 * @param totals runs of 1, 2, 3 and 4 words of the answers
 */
public record Bleu(
    long answers, long answerLength, long referenceLength, List<Long> matches, List<Long> totals) {

  /** Longest run of words that is compared. */
  public static final int MAX_ORDER = 4;

  /** No answer yet. */
  public static final Bleu NONE =
      new Bleu(0, 0, 0, Collections.nCopies(MAX_ORDER, 0L), Collections.nCopies(MAX_ORDER, 0L));

  /** Checks the counts and copies the lists. */
  public Bleu {
    matches = List.copyOf(matches);
    totals = List.copyOf(totals);
    if (matches.size() != MAX_ORDER || totals.size() != MAX_ORDER) {
      throw new IllegalArgumentException(
          "BLEU needs counts of runs of 1 to %d words, found %s and %s"
              .formatted(MAX_ORDER, matches, totals));
    }
    for (int n = 0; n < MAX_ORDER; n++) {
      if (matches.get(n) < 0 || matches.get(n) > totals.get(n)) {
        throw new IllegalArgumentException(
            "%d of %d runs of %d words match".formatted(matches.get(n), totals.get(n), n + 1));
      }
    }
    if (answers < 0 || answerLength < 0 || referenceLength < 0) {
      throw new IllegalArgumentException(
          "Counts must not be negative: %d answers of %d words, references of %d"
              .formatted(answers, answerLength, referenceLength));
    }
  }

  /** Returns the counts with one more answer. */
  public Bleu plus(String expected, String answer) {
    return plus(List.of(expected), answer);
  }

  /**
   * Returns the counts with one more answer for which several references are right.
   *
   * @param references at least one
   */
  public Bleu plus(List<String> references, String answer) {
    if (references.isEmpty()) {
      throw new IllegalArgumentException("An answer needs at least one reference");
    }
    List<String> words = Tokens13a.of(answer);
    List<List<String>> right = references.stream().map(Tokens13a::of).toList();
    List<Long> matched = new ArrayList<>();
    List<Long> total = new ArrayList<>();
    for (int n = 1; n <= MAX_ORDER; n++) {
      Map<List<String>, Integer> found = runs(words, n);
      Map<List<String>, Integer> allowed = new HashMap<>();
      for (List<String> reference : right) {
        runs(reference, n).forEach((run, count) -> allowed.merge(run, count, Math::max));
      }
      matched.add(
          found.entrySet().stream()
              .mapToLong(run -> Math.min(run.getValue(), allowed.getOrDefault(run.getKey(), 0)))
              .sum());
      total.add((long) Math.max(0, words.size() - n + 1));
    }
    return plus(new Bleu(1, words.size(), closestLength(right, words.size()), matched, total));
  }

  /** Returns the counts of both together. */
  public Bleu plus(Bleu other) {
    return new Bleu(
        answers + other.answers,
        answerLength + other.answerLength,
        referenceLength + other.referenceLength,
        sum(matches, other.matches),
        sum(totals, other.totals));
  }

  /** Returns the score, 0 to 100; 0 if no word matches, NaN if there is no answer. */
  public double score() {
    if (answers == 0) {
      return Double.NaN;
    }
    double logarithms = 0;
    for (double precision : precisions()) {
      if (precision == 0) {
        return 0;
      }
      logarithms += Math.log(precision);
    }
    return 100 * brevityPenalty() * Math.exp(logarithms / MAX_ORDER);
  }

  /**
   * Returns the share of the answers' runs of 1, 2, 3 and 4 words that match, 0 to 1, smoothed; all
   * 0 if no word matches, 0 for runs longer than every answer.
   */
  public double[] precisions() {
    double[] precisions = new double[MAX_ORDER];
    if (matches.get(0) == 0) {
      return precisions;
    }
    double half = 1;
    for (int n = 0; n < MAX_ORDER && totals.get(n) > 0; n++) {
      double matched = matches.get(n);
      if (matched == 0) {
        half /= 2;
        matched = half;
      }
      precisions[n] = matched / totals.get(n);
    }
    return precisions;
  }

  /** Returns the factor, 0 to 1, for answers shorter than the references; 1 for all others. */
  public double brevityPenalty() {
    if (answerLength >= referenceLength) {
      return 1;
    }
    return answerLength == 0 ? 0 : Math.exp(1 - (double) referenceLength / answerLength);
  }

  private static Map<List<String>, Integer> runs(List<String> words, int length) {
    Map<List<String>, Integer> runs = new HashMap<>();
    for (int i = 0; i + length <= words.size(); i++) {
      runs.merge(words.subList(i, i + length), 1, Integer::sum);
    }
    return runs;
  }

  /** Of two lengths equally close it is the shorter. */
  private static int closestLength(List<List<String>> references, int length) {
    int closest = references.get(0).size();
    for (List<String> reference : references) {
      int difference = Math.abs(reference.size() - length) - Math.abs(closest - length);
      if (difference < 0 || (difference == 0 && reference.size() < closest)) {
        closest = reference.size();
      }
    }
    return closest;
  }

  private static List<Long> sum(List<Long> left, List<Long> right) {
    List<Long> sums = new ArrayList<>();
    for (int n = 0; n < MAX_ORDER; n++) {
      sums.add(left.get(n) + right.get(n));
    }
    return sums;
  }
}
