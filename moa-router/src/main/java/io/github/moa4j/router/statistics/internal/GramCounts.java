package io.github.moa4j.router.statistics.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many of a domain's prompts have each gram, and which grams each held-out prompt has. Where
 * the tokens of one prompt are not known, nothing is: counts of some prompts would be another
 * domain's.
 */
public final class GramCounts {

  private int[] counts; // [bin]; empty where they are not known
  private final List<int[]> heldOut; // of each prompt the bins

  /**
   * Takes over what was counted.
   *
   * @param counts of each bin; empty where the tokens are not known
   * @param heldOut of each held-out prompt its bins
   */
  public GramCounts(int[] counts, List<int[]> heldOut) {
    this.counts = counts;
    this.heldOut = new ArrayList<>(heldOut);
  }

  /** Starts with no prompt. */
  public static GramCounts none() {
    return new GramCounts(new int[TokenGrams.BINS], List.of());
  }

  /** Those of prompts whose tokens are not known. */
  public static GramCounts unknown() {
    return new GramCounts(new int[0], List.of());
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

  /** Returns these counts with so many held-out prompts at most. */
  public GramCounts holdingOut(int most) {
    return new GramCounts(counts, heldOut.subList(0, Math.min(most, heldOut.size())));
  }

  private boolean isKnown(int[] tokens) {
    if (tokens.length == 0) {
      counts = new int[0];
      heldOut.clear();
    }
    return counts.length > 0;
  }

  /** Returns how many prompts have each gram; empty where that is not known. */
  public int[] counts() {
    return counts;
  }

  /** Returns the bins of each held-out prompt. */
  public List<int[]> heldOut() {
    return List.copyOf(heldOut);
  }
}
