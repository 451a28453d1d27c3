package io.github.moa4j.training.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How calmly a training run went.
 *
 * @param steps number of optimiser steps
 * @param medianGradientNorm median over the steps of the global norm before clipping; NaN of none
 * @param maximumGradientNorm largest such norm; NaN if there are none or one is no number
 * @param lossSpikes steps whose loss is more than {@value #SPIKE_FACTOR} times the median of the
 *     {@value #WINDOW} steps before it (of all before it, at least {@value #FEWEST_BEFORE}, near
 *     the start)
 * @param diverged whether a loss or norm was no finite number, or the run ended above where it
 *     began: the median loss of its last steps is more than {@value #DIVERGENCE_FACTOR} times that
 *     of its first, a tenth of all steps each, at most {@value #WINDOW}
 */
public record Stability(
    int steps,
    double medianGradientNorm,
    double maximumGradientNorm,
    int lossSpikes,
    boolean diverged) {

  private static final int WINDOW = 20;
  private static final int FEWEST_BEFORE = 5;
  private static final double SPIKE_FACTOR = 2;
  private static final double DIVERGENCE_FACTOR = 1.25;

  /**
   * Looks at the losses and gradient norms of a run.
   *
   * @param losses mean loss of an answer token, one a step
   * @param gradientNorms global norm before clipping, one a step
   */
  public static Stability of(List<Double> losses, List<Double> gradientNorms) {
    if (losses.size() != gradientNorms.size()) {
      throw new IllegalArgumentException(
          "Each step has a loss and a gradient norm: %d losses and %d norms given"
              .formatted(losses.size(), gradientNorms.size()));
    }
    boolean finite =
        losses.stream().allMatch(Double::isFinite)
            && gradientNorms.stream().allMatch(Double::isFinite);
    return new Stability(
        losses.size(),
        median(gradientNorms),
        gradientNorms.stream()
            .mapToDouble(Double::doubleValue)
            .reduce(Math::max)
            .orElse(Double.NaN),
        spikes(losses),
        !finite || endsAboveItsStart(losses));
  }

  /** Returns a listener that remembers what {@link #of} needs. */
  public static Recorder recorder() {
    return new Recorder();
  }

  /** Remembers losses and gradient norms of the steps it is told of. Not thread-safe. */
  public static final class Recorder implements TrainingListener {

    private final List<Double> losses = new ArrayList<>();
    private final List<Double> gradientNorms = new ArrayList<>();

    private Recorder() {}

    @Override
    public void onStep(TrainingStep step) {
      losses.add(step.loss());
      gradientNorms.add(step.gradientNorm());
    }

    /** Returns how calmly the run went so far. */
    public Stability stability() {
      return of(losses, gradientNorms);
    }
  }

  private static int spikes(List<Double> losses) {
    int spikes = 0;
    for (int i = FEWEST_BEFORE; i < losses.size(); i++) {
      double usual = median(losses.subList(Math.max(0, i - WINDOW), i));
      spikes += losses.get(i) > SPIKE_FACTOR * usual ? 1 : 0;
    }
    return spikes;
  }

  private static boolean endsAboveItsStart(List<Double> losses) {
    int size = losses.size();
    int part = Math.min(WINDOW, Math.max(1, size / 10));
    return size >= 2
        && median(losses.subList(size - part, size))
            > DIVERGENCE_FACTOR * median(losses.subList(0, part));
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).sum() / 2;
  }
}
