package io.github.moa4j.training.mixture;

import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.robustness.GeneralText;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import java.io.Serializable;
import java.util.List;

/**
 * How a mixture is trained. Serializable, so that other machines can train in the same way.
 *
 * @param adapter how each adapter is trained
 * @param trainingExamples an adapter learns from so many of a domain's first training examples; 0
 *     for all
 * @param selectionExamples training examples that choose the best parameters instead of moving
 *     them: those behind the first {@code trainingExamples} where there are enough, else a slice of
 *     at most a tenth
 * @param maxPromptTokens prompts lose what comes before so many tokens
 * @param maxAnswerTokens answers lose what comes after so many tokens
 * @param routerPrompts prompts of a domain whose states the routers learn, at most; of up to 5,000
 *     more their tokens are counted
 * @param disturbedPrompts whether the routers learn each prompt also without its input, cut behind
 *     the eighth word, and in turn lower-cased, with typing errors or in capitals
 * @param generalText texts of no domain by their source, from which the routers learn what belongs
 *     to none of theirs; those that come with the library by default, none for routers that do not
 *     learn it
 * @param layerwise how the layer-wise router is trained
 * @param ridge how the ridge router is fitted
 */
public record MixtureTrainingSettings(
    TrainingOptions adapter,
    int trainingExamples,
    int selectionExamples,
    int maxPromptTokens,
    int maxAnswerTokens,
    int routerPrompts,
    boolean disturbedPrompts,
    List<List<String>> generalText,
    LayerwiseRouterSettings layerwise,
    RidgeSettings ridge)
    implements Serializable {

  /** Checks the numbers. */
  public MixtureTrainingSettings {
    generalText = generalText.stream().map(List::copyOf).toList();
    if (trainingExamples < 0
        || selectionExamples < 1
        || maxPromptTokens < 1
        || maxAnswerTokens < 1
        || routerPrompts < 1) {
      throw new IllegalArgumentException(
          ("trainingExamples must be 0 (all) or more, the other numbers 1 or more; found"
                  + " trainingExamples %d, selectionExamples %d, maxPromptTokens %d,"
                  + " maxAnswerTokens %d, routerPrompts %d")
              .formatted(
                  trainingExamples,
                  selectionExamples,
                  maxPromptTokens,
                  maxAnswerTokens,
                  routerPrompts));
    }
  }

  /** The defaults, with an adapter trained in that way. */
  public static MixtureTrainingSettings of(TrainingOptions adapter) {
    return new MixtureTrainingSettings(
        adapter,
        0,
        160,
        384,
        256,
        500,
        true,
        GeneralText.shipped(),
        LayerwiseRouterSettings.defaults().withSeed(adapter.seed()),
        RidgeSettings.defaults());
  }

  /** Starts to make other settings from these. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Makes settings; each is the component of {@link MixtureTrainingSettings} of its name. */
  public static final class Builder {

    private TrainingOptions adapter;
    private int trainingExamples;
    private int selectionExamples;
    private int maxPromptTokens;
    private int maxAnswerTokens;
    private int routerPrompts;
    private boolean disturbedPrompts;
    private List<List<String>> generalText;
    private LayerwiseRouterSettings layerwise;
    private RidgeSettings ridge;

    private Builder(MixtureTrainingSettings settings) {
      adapter = settings.adapter;
      trainingExamples = settings.trainingExamples;
      selectionExamples = settings.selectionExamples;
      maxPromptTokens = settings.maxPromptTokens;
      maxAnswerTokens = settings.maxAnswerTokens;
      routerPrompts = settings.routerPrompts;
      disturbedPrompts = settings.disturbedPrompts;
      generalText = settings.generalText;
      layerwise = settings.layerwise;
      ridge = settings.ridge;
    }

    /** Sets how each adapter is trained. */
    public Builder adapter(TrainingOptions value) {
      adapter = value;
      return this;
    }

    /** Sets the first training examples of a domain that an adapter learns from; 0 for all. */
    public Builder trainingExamples(int value) {
      trainingExamples = value;
      return this;
    }

    /** Sets the training examples that choose the best parameters. */
    public Builder selectionExamples(int value) {
      selectionExamples = value;
      return this;
    }

    /** Sets the tokens at the end of a prompt that are kept. */
    public Builder maxPromptTokens(int value) {
      maxPromptTokens = value;
      return this;
    }

    /** Sets the tokens at the beginning of an answer that are kept. */
    public Builder maxAnswerTokens(int value) {
      maxAnswerTokens = value;
      return this;
    }

    /** Sets the prompts of a domain whose states the routers learn, at most. */
    public Builder routerPrompts(int value) {
      routerPrompts = value;
      return this;
    }

    /** Sets whether the routers learn disturbed prompts too. */
    public Builder disturbedPrompts(boolean value) {
      disturbedPrompts = value;
      return this;
    }

    /**
     * Sets the texts of no domain, such as {@link GeneralText#read} takes from a folder. A mixture
     * keeps what its first routers have learnt of them.
     */
    public Builder generalText(List<List<String>> value) {
      generalText = value;
      return this;
    }

    /** Sets how the layer-wise router is trained. */
    public Builder layerwise(LayerwiseRouterSettings value) {
      layerwise = value;
      return this;
    }

    /** Sets how the ridge router is fitted. */
    public Builder ridge(RidgeSettings value) {
      ridge = value;
      return this;
    }

    /**
     * Returns the settings.
     *
     * @throws IllegalArgumentException naming the numbers if one is out of range
     */
    public MixtureTrainingSettings build() {
      return new MixtureTrainingSettings(
          adapter,
          trainingExamples,
          selectionExamples,
          maxPromptTokens,
          maxAnswerTokens,
          routerPrompts,
          disturbedPrompts,
          generalText,
          layerwise,
          ridge);
    }
  }
}
