package io.github.moa4j.training.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether confidence means what it says: of decisions taken with confidence 0.8, are 80 % right?
 * And what is left, and how right is it, when decisions below a threshold are not taken?
 *
 * @param decisions all decisions, in the order they were added
 */
public record Calibration(List<Decision> decisions) {

  /** Number of bins of equal width that confidences are sorted into. */
  public static final int BINS = 10;

  /** No decision yet. */
  public static final Calibration NONE = new Calibration(List.of());

  /**
   * A decision and whether it was right.
   *
   * @param confidence 0 to 1
   * @param correct whether it was right
   */
  public record Decision(double confidence, boolean correct) {

    /** Checks the confidence. */
    public Decision {
      if (!(confidence >= 0 && confidence <= 1)) {
        throw new IllegalArgumentException(
            "A confidence must lie between 0 and 1, found " + confidence);
      }
    }
  }

  /**
   * The decisions whose confidence lies above {@code from}, up to and including {@code to}; the
   * first bin also holds confidence 0.
   *
   * @param from lower bound
   * @param to upper bound
   * @param count number of decisions
   * @param confidence their mean confidence; NaN of none
   * @param accuracy the share of them that was right; NaN of none
   */
  public record Bin(double from, double to, int count, double confidence, double accuracy) {

    /** Returns how far mean confidence and accuracy lie apart; 0 for an empty bin. */
    public double gap() {
      return count == 0 ? 0 : Math.abs(accuracy - confidence);
    }
  }

  /**
   * What is left when decisions of lower confidence than a threshold are not taken.
   *
   * @param threshold lowest confidence that is enough
   * @param coverage share of decisions taken, 0 to 1; NaN if there are none at all
   * @param accuracy share of the taken decisions that was right; NaN if none was taken
   */
  public record Selection(double threshold, double coverage, double accuracy) {}

  /** Copies the list. */
  public Calibration {
    decisions = List.copyOf(decisions);
  }

  /** Returns the decisions of both together. */
  public Calibration plus(Calibration other) {
    List<Decision> all = new ArrayList<>(decisions);
    all.addAll(other.decisions);
    return new Calibration(all);
  }

  /** Returns the {@value #BINS} bins, from low confidence to high. */
  public List<Bin> bins() {
    int[] counts = new int[BINS];
    double[] confidences = new double[BINS];
    int[] correct = new int[BINS];
    for (Decision decision : decisions) {
      int bin = Math.max(0, (int) Math.ceil(decision.confidence() * BINS) - 1);
      counts[bin]++;
      confidences[bin] += decision.confidence();
      correct[bin] += decision.correct() ? 1 : 0;
    }
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      bins.add(
          new Bin(
              (double) i / BINS,
              (i + 1.0) / BINS,
              counts[i],
              confidences[i] / counts[i],
              (double) correct[i] / counts[i]));
    }
    return List.copyOf(bins);
  }

  /**
   * Returns the expected calibration error (ECE; Guo et al., 2017, equation 3): the mean gap of the
   * bins, weighted by their decisions, 0 to 1; NaN if there are no decisions.
   */
  public double expectedCalibrationError() {
    double sum = 0;
    for (Bin bin : bins()) {
      sum += bin.count() * bin.gap();
    }
    return sum / decisions.size();
  }

  /** Returns the share of decisions that were right; NaN if there are none. */
  public double accuracy() {
    return at(0).accuracy();
  }

  /** Returns what is left when only decisions of at least this confidence are taken. */
  public Selection at(double threshold) {
    List<Decision> taken =
        decisions.stream().filter(decision -> decision.confidence() >= threshold).toList();
    long correct = taken.stream().filter(Decision::correct).count();
    return new Selection(
        threshold, (double) taken.size() / decisions.size(), (double) correct / taken.size());
  }
}
