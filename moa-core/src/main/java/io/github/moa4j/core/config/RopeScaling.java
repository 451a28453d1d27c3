package io.github.moa4j.core.config;

import java.util.List;

/**
 * How the rotary frequencies of a base are stretched over contexts longer than those of its
 * training; the arithmetic stands in {@link RotaryFrequencies}. Defaults of {@code config.json} are
 * resolved: two configurations that mean the same are equal.
 */
public sealed interface RopeScaling {

  /** Plain frequencies: {@code rope_type} {@code default}. */
  record None() implements RopeScaling {}

  /**
   * Every frequency divided by the factor: {@code linear}.
   *
   * @param factor how many times the context grows
   */
  record Linear(double factor) implements RopeScaling {
    /** Validates the components. */
    public Linear {
      positive(factor, "factor");
    }
  }

  /**
   * A base that grows with the sequence, once that is longer than in training: {@code dynamic}.
   *
   * @param factor how fast the base grows
   * @param maxPositionEmbeddings the context of training, in tokens
   */
  record Dynamic(double factor, int maxPositionEmbeddings) implements RopeScaling {
    /** Validates the components. */
    public Dynamic {
      positive(factor, "factor");
      positive(maxPositionEmbeddings, "maxPositionEmbeddings");
    }
  }

  /**
   * A smooth division of the low frequencies only: {@code llama3}.
   *
   * @param factor how many times the context grows
   * @param lowFreqFactor frequencies that turn less than this often in training are divided
   * @param highFreqFactor frequencies that turn more than this often in training are kept
   * @param originalMaxPositionEmbeddings the context of training, in tokens
   */
  record Llama3(
      double factor, double lowFreqFactor, double highFreqFactor, int originalMaxPositionEmbeddings)
      implements RopeScaling {
    /** Validates the components. */
    public Llama3 {
      positive(factor, "factor");
      positive(lowFreqFactor, "lowFreqFactor");
      positive(originalMaxPositionEmbeddings, "originalMaxPositionEmbeddings");
      require(
          highFreqFactor > lowFreqFactor && Double.isFinite(highFreqFactor),
          "highFreqFactor (" + highFreqFactor + ") is not above lowFreqFactor");
    }
  }

  /**
   * Low frequencies divided, high ones kept, a ramp over the dimensions between: {@code yarn} (Peng
   * et al., 2023).
   *
   * @param factor how many times the context grows
   * @param originalMaxPositionEmbeddings the context of training, in tokens
   * @param betaFast dimensions that turn more often than this in training are kept
   * @param betaSlow dimensions that turn less often than this in training are divided
   * @param truncate whether the ramp begins and ends at whole dimensions
   * @param attentionFactor multiplies cosines and sines
   */
  record Yarn(
      double factor,
      int originalMaxPositionEmbeddings,
      double betaFast,
      double betaSlow,
      boolean truncate,
      double attentionFactor)
      implements RopeScaling {
    /** Validates the components. */
    public Yarn {
      positive(factor, "factor");
      positive(originalMaxPositionEmbeddings, "originalMaxPositionEmbeddings");
      positive(betaFast, "betaFast");
      positive(betaSlow, "betaSlow");
      positive(attentionFactor, "attentionFactor");
    }
  }

  /**
   * A divisor for each frequency, one list for short sequences and one for long: {@code longrope}
   * (Ding et al., 2024).
   *
   * @param shortFactor divisors up to the context of training, one for each pair of dimensions
   * @param longFactor divisors beyond it
   * @param originalMaxPositionEmbeddings the context of training, in tokens
   * @param attentionFactor multiplies cosines and sines, of short sequences too
   */
  record LongRope(
      List<Double> shortFactor,
      List<Double> longFactor,
      int originalMaxPositionEmbeddings,
      double attentionFactor)
      implements RopeScaling {
    /** Validates the components. */
    public LongRope {
      shortFactor = List.copyOf(shortFactor);
      longFactor = List.copyOf(longFactor);
      shortFactor.forEach(factor -> positive(factor, "shortFactor"));
      longFactor.forEach(factor -> positive(factor, "longFactor"));
      positive(originalMaxPositionEmbeddings, "originalMaxPositionEmbeddings");
      positive(attentionFactor, "attentionFactor");
    }
  }

  private static void positive(double value, String name) {
    require(value > 0 && Double.isFinite(value), name + " is not positive: " + value);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
