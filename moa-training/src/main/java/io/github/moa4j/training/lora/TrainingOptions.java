package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.io.Serializable;
import java.util.Objects;

/**
 * How an adapter is trained.
 *
 * @param lora rank, alpha, dropout and target modules of the adapter
 * @param epochs passes over the training examples
 * @param batchSize examples a forward pass
 * @param accumulationSteps batches an optimiser step
 * @param updateRule how gradients become steps
 * @param learningRate peak learning rate
 * @param loraPlusRatio learning rate of B over that of A, which is {@code learningRate} (LoRA+;
 *     Hayou et al., 2024); 1 for the same rate
 * @param warmupShare the first share of the run's optimiser steps, of linear warm-up: a share,
 *     since a fixed number of steps is most of a small domain's run
 * @param finalLearningRateShare the cosine schedule ends at this share of the peak; 1 for a
 *     constant rate
 * @param weightDecay decoupled decay (Loshchilov and Hutter, 2019)
 * @param maxGradientNorm gradients are scaled down to this global norm; 0 for no clipping
 * @param evaluationsPerEpoch how often the validation loss is measured
 * @param patience training stops after so many evaluations without a better validation loss; 0 for
 *     never
 * @param checkpointing whether a layer's activations are computed again in the backward pass
 *     instead of kept: half of the memory that training takes beside the base, for a quarter of the
 *     speed
 * @param seed of initialisation, order of examples and dropout
 * @param privacy how much the adapter may give away of the training examples; {@link
 *     PrivacyOptions#NONE} for no bound. With it a step draws each example with probability {@code
 *     batchSize · accumulationSteps} / examples, in batches of at most {@code batchSize}; {@code
 *     maxGradientNorm} is not applied, nothing is measured to choose parameters by, and nothing
 *     random that it rests on comes from {@code seed}
 */
public record TrainingOptions(
    LoraConfig lora,
    int epochs,
    int batchSize,
    int accumulationSteps,
    UpdateRule updateRule,
    double learningRate,
    double loraPlusRatio,
    double warmupShare,
    double finalLearningRateShare,
    double weightDecay,
    double maxGradientNorm,
    int evaluationsPerEpoch,
    int patience,
    boolean checkpointing,
    long seed,
    PrivacyOptions privacy)
    implements Serializable {

  /** Validates the components. */
  public TrainingOptions {
    require(epochs >= 1, "epochs must be at least 1", epochs);
    require(batchSize >= 1, "batchSize must be at least 1", batchSize);
    require(accumulationSteps >= 1, "accumulationSteps must be at least 1", accumulationSteps);
    Objects.requireNonNull(updateRule, "updateRule");
    require(learningRate > 0 && learningRate < 1, "learningRate must be in (0, 1)", learningRate);
    require(
        loraPlusRatio > 0 && Double.isFinite(loraPlusRatio),
        "loraPlusRatio must be positive",
        loraPlusRatio);
    require(warmupShare >= 0 && warmupShare < 1, "warmupShare must be in [0, 1)", warmupShare);
    require(
        finalLearningRateShare >= 0 && finalLearningRateShare <= 1,
        "finalLearningRateShare must be in [0, 1]",
        finalLearningRateShare);
    require(weightDecay >= 0, "weightDecay must not be negative", weightDecay);
    require(maxGradientNorm >= 0, "maxGradientNorm must not be negative", maxGradientNorm);
    require(
        evaluationsPerEpoch >= 1, "evaluationsPerEpoch must be at least 1", evaluationsPerEpoch);
    require(patience >= 0, "patience must not be negative", patience);
    Objects.requireNonNull(privacy, "privacy");
    require(
        privacy.isNone() || patience == 0,
        "patience must be 0 in private training: to stop by a loss gives away what it is measured on",
        patience);
  }

  private static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }

  /**
   * Sensible defaults for an adapter of a few hundred examples: three passes in batches of 4 at
   * 1.5e-3, cosine to 5 %. In larger batches so few examples make too few steps; with many
   * thousands, larger ones are faster.
   */
  public static TrainingOptions of(LoraConfig lora) {
    return new TrainingOptions(
        lora,
        3,
        4,
        1,
        UpdateRule.ADAMW,
        1.5e-3,
        1,
        0.1,
        0.05,
        0,
        1,
        1,
        0,
        false,
        0,
        PrivacyOptions.NONE);
  }

  /** Returns these options with another number of passes. */
  public TrainingOptions withEpochs(int value) {
    return toBuilder().epochs(value).build();
  }

  /** Returns these options with another batch size. */
  public TrainingOptions withBatchSize(int value) {
    return toBuilder().batchSize(value).build();
  }

  /** Returns these options with another peak learning rate. */
  public TrainingOptions withLearningRate(double value) {
    return toBuilder().learningRate(value).build();
  }

  /** Returns these options with another seed. */
  public TrainingOptions withSeed(long value) {
    return toBuilder().seed(value).build();
  }

  /** Returns these options with differential privacy. */
  public TrainingOptions withPrivacy(PrivacyOptions value) {
    return toBuilder().privacy(value).build();
  }

  /** Starts to make other options from these. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Makes options; each setting is the component of {@link TrainingOptions} of its name. */
  public static final class Builder {

    private LoraConfig lora;
    private int epochs;
    private int batchSize;
    private int accumulationSteps;
    private UpdateRule updateRule;
    private double learningRate;
    private double loraPlusRatio;
    private double warmupShare;
    private double finalLearningRateShare;
    private double weightDecay;
    private double maxGradientNorm;
    private int evaluationsPerEpoch;
    private int patience;
    private boolean checkpointing;
    private long seed;
    private PrivacyOptions privacy;

    private Builder(TrainingOptions options) {
      lora = options.lora;
      epochs = options.epochs;
      batchSize = options.batchSize;
      accumulationSteps = options.accumulationSteps;
      updateRule = options.updateRule;
      learningRate = options.learningRate;
      loraPlusRatio = options.loraPlusRatio;
      warmupShare = options.warmupShare;
      finalLearningRateShare = options.finalLearningRateShare;
      weightDecay = options.weightDecay;
      maxGradientNorm = options.maxGradientNorm;
      evaluationsPerEpoch = options.evaluationsPerEpoch;
      patience = options.patience;
      checkpointing = options.checkpointing;
      seed = options.seed;
      privacy = options.privacy;
    }

    /** Sets the rank, alpha, dropout and target modules. */
    public Builder lora(LoraConfig value) {
      lora = value;
      return this;
    }

    /** Sets the passes over the training examples. */
    public Builder epochs(int value) {
      epochs = value;
      return this;
    }

    /** Sets the examples a forward pass. */
    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    /** Sets the batches an optimiser step. */
    public Builder accumulationSteps(int value) {
      accumulationSteps = value;
      return this;
    }

    /** Sets how gradients become steps. */
    public Builder updateRule(UpdateRule value) {
      updateRule = value;
      return this;
    }

    /** Sets the peak learning rate. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** Sets the learning rate of B over that of A. */
    public Builder loraPlusRatio(double value) {
      loraPlusRatio = value;
      return this;
    }

    /** Sets the share of the optimiser steps that warms up. */
    public Builder warmupShare(double value) {
      warmupShare = value;
      return this;
    }

    /** Sets the share of the peak at which the cosine schedule ends. */
    public Builder finalLearningRateShare(double value) {
      finalLearningRateShare = value;
      return this;
    }

    /** Sets the decoupled weight decay. */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** Sets the global norm of gradients; 0 for no clipping. */
    public Builder maxGradientNorm(double value) {
      maxGradientNorm = value;
      return this;
    }

    /** Sets how often the validation loss is measured. */
    public Builder evaluationsPerEpoch(int value) {
      evaluationsPerEpoch = value;
      return this;
    }

    /** Sets the evaluations without a better loss after which training stops; 0 for never. */
    public Builder patience(int value) {
      patience = value;
      return this;
    }

    /** Sets whether activations are computed again instead of kept. */
    public Builder checkpointing(boolean value) {
      checkpointing = value;
      return this;
    }

    /** Sets the seed of initialisation, order of examples and dropout. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Sets how much the adapter may give away of the training examples. */
    public Builder privacy(PrivacyOptions value) {
      privacy = value;
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException naming the setting that is out of range
     */
    public TrainingOptions build() {
      return new TrainingOptions(
          lora,
          epochs,
          batchSize,
          accumulationSteps,
          updateRule,
          learningRate,
          loraPlusRatio,
          warmupShare,
          finalLearningRateShare,
          weightDecay,
          maxGradientNorm,
          evaluationsPerEpoch,
          patience,
          checkpointing,
          seed,
          privacy);
    }
  }
}
