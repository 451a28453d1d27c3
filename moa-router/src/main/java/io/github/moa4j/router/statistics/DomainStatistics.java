package io.github.moa4j.router.statistics;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.router.statistics.internal.GramCounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * All that a router keeps of one domain's prompts: for each used state the number of prompts n, the
 * sum of their features Σx in f64 and Σ (x − mean)(x − mean)ᵀ in f32. From these every router is
 * fitted again when a domain comes or goes, without any domain's data. The features of a pooled
 * state are its values or, of one wider than 512, 512 signed sums of them.
 *
 * <p>Every eighth prompt, up to 64, is held out: its features are kept as they are and do not enter
 * the sums. They calibrate the probabilities and tell when training should stop.
 *
 * <p>Where all tokens are known: how many prompts have each one and each pair, in 32,768 bins;
 * these may be more prompts than those whose states are known; and, of a domain, what tells them
 * from text of no domain ({@link GramRegression}).
 *
 * <p>Size for S states of d features: 2·S·d² bytes and 256·S·d of held-out prompts: 5.9 MB for 9
 * states of 512 features, 2.6 MB for the 4 of a wide model, 7.9 MB at most; 0.3 MB for tokens.
 *
 * <p>Not safe for use by several threads while prompts are added.
 */
public final class DomainStatistics {

  /** The name under which a mixture keeps this file beside a domain's adapter. */
  public static final String FILE_NAME = "router_statistics.safetensors";

  private static final int HOLD_OUT_EVERY = 8;
  private static final int MOST_HELD_OUT = 64;
  private static final int FEWEST_STATES = 4;
  private static final int MOST_STATES = 12;
  private static final long STATE_BUDGET = 8L * 1024 * 1024; // of states x width x width

  private final String domain;
  private final Pooling pooling;
  private final int[] states;
  private final int width;
  private final PromptFeatures features;
  private final List<StateMoments> moments; // one a state
  private final List<float[][]> heldOut; // of [state][features]
  private final GramCounts grams;
  private long count;
  private long seen;
  private int heldOutAsWritten; // the first of those

  /** Makes statistics of what is known of the domain; takes the lists over. */
  DomainStatistics(
      String domain,
      Pooling pooling,
      List<Integer> states,
      int width,
      List<StateMoments> moments,
      long count,
      List<float[][]> heldOut,
      int heldOutAsWritten,
      GramCounts grams) {
    this.states = states.stream().mapToInt(Integer::intValue).toArray();
    if (domain.isBlank() || width < 1 || states.isEmpty()) {
      throw new IllegalArgumentException(
          "Statistics need a domain's name, at least one state and a width above 0");
    }
    for (int i = 0; i < this.states.length; i++) {
      if (this.states[i] < 0 || (i > 0 && this.states[i] <= this.states[i - 1])) {
        throw new IllegalArgumentException(
            "The states of domain '%s' must be ascending indices from 0, not %s"
                .formatted(domain, states));
      }
    }
    this.domain = domain;
    this.pooling = pooling;
    this.width = width;
    this.features =
        new PromptFeatures(domain, pooling, this.states, width, FeatureSketch.of(width));
    this.moments = moments;
    this.count = count;
    this.heldOut = heldOut;
    this.grams = grams;
    this.heldOutAsWritten = Math.min(heldOutAsWritten, heldOut.size());
    this.seen = count + heldOut.size();
  }

  /**
   * Starts the statistics of a domain.
   *
   * @param domain the domain's name
   * @param pooling which pooling of the prompts to keep
   * @param states indices of the states to keep, ascending; see {@link #evenlySpacedStates}
   * @param hiddenSize width of the model's states
   */
  public static DomainStatistics empty(
      String domain, Pooling pooling, List<Integer> states, int hiddenSize) {
    int width = pooling.width(hiddenSize);
    return new DomainStatistics(
        domain,
        pooling,
        states,
        width,
        states.stream()
            .map(state -> StateMoments.empty(FeatureSketch.of(width).features()))
            .toList(),
        0,
        new ArrayList<>(),
        0,
        GramCounts.none());
  }

  /**
   * Returns the states to keep so that size and refit time stay bounded: up to twelve of a narrow
   * model, fewer the wider its states are (8·1024² / width²), but at least four, spread evenly up
   * to the final one.
   *
   * @param numStates the states a prompt has, L + 1
   * @param width of a pooled state, {@link Pooling#width}
   */
  public static List<Integer> evenlySpacedStates(int numStates, int width) {
    long affordable = STATE_BUDGET / ((long) width * width);
    long wanted = Math.max(FEWEST_STATES, Math.min(MOST_STATES, affordable));
    int kept = (int) Math.min(numStates, wanted);
    List<Integer> states = new ArrayList<>();
    for (int i = 1; i <= kept; i++) {
      states.add((int) Math.round((double) i * numStates / kept) - 1);
    }
    return states;
  }

  /**
   * Reads statistics.
   *
   * @param file a file written by {@link #write}
   * @param baseFingerprint the fingerprint of the base in use
   * @throws RouterException if the file is damaged or stems from another base
   */
  public static DomainStatistics read(Path file, String baseFingerprint) {
    return StatisticsFile.read(file, baseFingerprint);
  }

  /**
   * Writes these statistics into a file of their own, atomically.
   *
   * @param file the target; replaced if it exists
   * @param baseFingerprint the fingerprint of the base whose states these are
   */
  public void write(Path file, String baseFingerprint) {
    StatisticsFile.write(this, file, baseFingerprint);
  }

  /** Tells whether the prompt behind so many others is held out: every eighth, up to 64. */
  public static boolean holdsOut(long position) {
    return position % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1
        && position / HOLD_OUT_EVERY < MOST_HELD_OUT;
  }

  /**
   * Adds prompts as they were written; some dozens at a time or more are fastest.
   *
   * @param prompts the pooled states of prompts of this domain, from the base's own pass
   * @throws RouterException if the width or number of a prompt's states differs; none is added then
   */
  public void add(List<PromptStates> prompts) {
    List<PromptStates> learnt = new ArrayList<>();
    List<PromptStates> left = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      (holdsOut(seen + i) ? left : learnt).add(prompts.get(i));
    }
    add(learnt, left, left.size());
  }

  /**
   * Adds prompts of which the caller says which are held out.
   *
   * @param asWritten how many of those held out, the first ones, are as their users wrote them
   * @throws RouterException as {@link #add(List)}
   */
  public void add(List<PromptStates> learnt, List<PromptStates> left, int asWritten) {
    List<float[][]> counted = learnt.stream().map(features::of).toList();
    List<float[][]> kept = left.stream().map(features::of).toList();
    for (int i = 0; i < left.size(); i++) {
      int place = i < asWritten ? heldOutAsWritten++ : heldOut.size();
      heldOut.add(place, kept.get(i));
      grams.holdOut(place, left.get(i).tokens());
    }
    learnt.forEach(prompt -> grams.count(prompt.tokens()));
    for (int i = 0; i < states.length && !learnt.isEmpty(); i++) {
      int index = i;
      moments.get(i).add(counted.stream().map(prompt -> prompt[index]).toList(), count);
    }
    count += learnt.size();
    seen += learnt.size() + left.size();
  }

  /**
   * Counts the tokens of more prompts of this domain, whose states it does not learn. Where tokens
   * of others are not known it stays so.
   *
   * @param prompts the tokens of each, at least one
   */
  public void countTokens(List<int[]> prompts) {
    prompts.forEach(grams::count);
  }

  /**
   * Learns from their tokens to tell prompts of this domain from texts of none, anew. Where tokens
   * of the prompts added are not known it stays so. The prompts held out say how sure it is to be.
   *
   * @param prompts the tokens of each, at least one, none of those held out
   * @param texts the tokens of each, at least one
   * @param otherTexts those of texts that are held out, too
   */
  public void tellApart(List<int[]> prompts, List<int[]> texts, List<int[]> otherTexts) {
    grams.tellApart(prompts, texts, otherTexts);
  }

  /** Returns the domain's name. */
  public String domain() {
    return domain;
  }

  /** Returns the pooling of the states kept here. */
  public Pooling pooling() {
    return pooling;
  }

  /** Returns the indices of the states kept here, ascending. */
  public List<Integer> states() {
    return Arrays.stream(states).boxed().toList();
  }

  /** Returns the width of a pooled state. */
  public int width() {
    return width;
  }

  /** Returns how many features of a state are kept: its values, or signed sums of them. */
  public int features() {
    return features.sketch().features();
  }

  /**
   * Returns the statistics of one kept state alone, a copy.
   *
   * @param state one of {@link #states()}
   * @throws RouterException if that state is not kept here
   */
  public DomainStatistics onlyState(int state) {
    int index = Arrays.binarySearch(states, state);
    if (index < 0) {
      throw new RouterException(
          "The statistics of domain '%s' keep the states %s, not state %d."
              .formatted(domain, states(), state));
    }
    List<float[][]> kept = heldOut.stream().map(prompt -> new float[][] {prompt[index]}).toList();
    return new DomainStatistics(
        domain,
        pooling,
        List.of(state),
        width,
        List.of(moments.get(index).copy()),
        count,
        kept,
        heldOutAsWritten,
        GramCounts.unknown());
  }

  /** Returns the number of prompts in the sums, the held-out ones left aside. */
  public long count() {
    return count;
  }

  /** Returns the number of held-out prompts. */
  public int heldOutCount() {
    return heldOut.size();
  }

  /** Returns how many of these, the first ones, are as their users wrote them. */
  public int heldOutAsWritten() {
    return heldOutAsWritten;
  }

  /**
   * Returns the features of the held-out prompts.
   *
   * @param index position in {@link #states()}, not the state itself
   * @return [prompt][features], not a copy
   */
  public float[][] heldOut(int index) {
    return heldOut.stream().map(kept -> kept[index]).toArray(float[][]::new);
  }

  /** Returns how many prompts in the sums have each gram; empty if not all tokens are known. */
  public int[] gramCounts() {
    return grams.counts().clone();
  }

  /** Returns the grams of each held-out prompt, ascending; none if they are not counted. */
  public List<int[]> heldOutGrams() {
    return grams.heldOut();
  }

  /** Returns what tells prompts from texts of no domain by their grams; none if not learnt. */
  public Optional<GramRegression> regression() {
    return grams.regression();
  }

  GramCounts grams() {
    return grams;
  }

  /**
   * Draws from the Gaussian distribution that has this domain's mean and covariance: stand-ins for
   * prompts that are no longer there.
   *
   * @param index position in {@link #states()}, not the state itself
   * @param draws how many to draw
   * @param seed the same seed gives the same values
   * @return [draws][features]
   */
  public float[][] sample(int index, int draws, long seed) {
    return GaussianSamples.draw(this, index, draws, seed);
  }

  /**
   * Returns the mean of one kept state over the prompts.
   *
   * @param index position in {@link #states()}, not the state itself
   * @return [features]
   */
  public double[] mean(int index) {
    return moments.get(index).mean(count);
  }

  /**
   * Returns Σ (x − mean)(x − mean)ᵀ of one kept state: its lower triangle, row by row.
   *
   * @param index position in {@link #states()}, not the state itself
   * @return [features (features + 1) / 2], not a copy
   */
  public float[] packedScatter(int index) {
    return moments.get(index).scatter();
  }

  double[] sum(int index) {
    return moments.get(index).sum();
  }

  /** Returns the held-out prompts, of each [state][features]; not a copy. */
  List<float[][]> heldOutPrompts() {
    return heldOut;
  }
}
