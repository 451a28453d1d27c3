package io.github.moa4j.router.statistics.internal;

import io.github.moa4j.router.statistics.GramRegression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How many of a domain's prompts have each gram, which grams each held-out prompt has and, where
 * there was text of no domain to learn it from, what tells them from that. Where the tokens of one
 * prompt are not known, nothing is: counts of some prompts would be another domain's.
 */
public final class GramCounts {

  private int[] counts; // [bin]; empty where they are not known
  private final List<int[]> heldOut; // of each prompt the bins
  private Optional<GramRegression> regression;

  /**
   * Takes over what was counted.
   *
   * @param counts of each bin; empty where the tokens are not known
   * @param heldOut of each held-out prompt its bins
   * @param regression what tells the prompts from text of no domain; none of text itself
   */
  public GramCounts(int[] counts, List<int[]> heldOut, Optional<GramRegression> regression) {
    this.counts = counts;
    this.heldOut = new ArrayList<>(heldOut);
    this.regression = regression;
  }

  /** Starts with no prompt. */
  public static GramCounts none() {
    return new GramCounts(new int[TokenGrams.BINS], List.of(), Optional.empty());
  }

  /** Those of prompts whose tokens are not known. */
  public static GramCounts unknown() {
    return new GramCounts(new int[0], List.of(), Optional.empty());
  }

  /** Joins the counts of several kinds of prompts. */
  public static GramCounts sum(List<GramCounts> parts) {
    GramCounts sum = none();
    for (GramCounts part : parts) {
      if (part.counts.length == 0) {
        return part;
      }
      Arrays.setAll(sum.counts, bin -> sum.counts[bin] + part.counts[bin]);
      sum.heldOut.addAll(part.heldOut);
    }
    return sum;
  }

  /** Counts a prompt; one without tokens makes all unknown. */
  public void count(int[] tokens) {
    if (isKnown(tokens)) {
      for (int bin : TokenGrams.of(tokens)) {
        counts[bin]++;
      }
    }
  }

  /** Keeps a prompt at a place among those held out. */
  public void holdOut(int place, int[] tokens) {
    if (isKnown(tokens)) {
      heldOut.add(place, TokenGrams.of(tokens));
    }
  }

  /**
   * Learns to tell prompts from texts of no domain; where a prompt's tokens are not known, nothing.
   *
   * @param prompts the tokens of each
   * @param texts the tokens of each
   * @param otherTexts such that are held out, as prompts are
   */
  public void tellApart(List<int[]> prompts, List<int[]> texts, List<int[]> otherTexts) {
    if (counts.length > 0) {
      regression =
          Optional.of(
              GramRegression.fit(binned(prompts), binned(texts), heldOut, binned(otherTexts)));
    }
  }

  private static List<int[]> binned(List<int[]> all) {
    return all.stream().map(TokenGrams::of).toList();
  }

  /** Returns these counts with so many held-out prompts at most. */
  public GramCounts holdingOut(int most) {
    return new GramCounts(counts, heldOut.subList(0, Math.min(most, heldOut.size())), regression);
  }

  private boolean isKnown(int[] tokens) {
    if (tokens.length == 0) {
      counts = new int[0];
      heldOut.clear();
      regression = Optional.empty();
    }
    return counts.length > 0;
  }

  /** Returns how many prompts have each gram; empty where that is not known. */
  public int[] counts() {
    return counts;
  }

  /** Returns what tells the prompts from text of no domain; none where that was not learnt. */
  public Optional<GramRegression> regression() {
    return regression;
  }

  /** Returns the bins of each held-out prompt. */
  public List<int[]> heldOut() {
    return List.copyOf(heldOut);
  }
}
