package io.github.moa4j.training.mixture;

import io.github.moa4j.router.RidgeSettings;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.router.LayerwiseRouterSettings;

/**
 * How a mixture is trained.
 *
 * @param adapter how each adapter is trained
 * @param trainingExamples an adapter learns from so many of a domain's first training examples; 0
 *     for all
 * @param selectionExamples training examples that choose the best parameters instead of moving
 *     them: those behind the first {@code trainingExamples} where there are enough, else a slice of
 *     at most a tenth
 * @param maxPromptTokens prompts lose what comes before so many tokens
 * @param maxAnswerTokens answers lose what comes after so many tokens
 * @param routerPrompts prompts of a domain that the routers learn from, at most
 * @param disturbedPrompts whether the routers learn each prompt also without its input, cut behind
 *     the eighth word, and lower-cased or with typing errors
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
    LayerwiseRouterSettings layerwise,
    RidgeSettings ridge) {

  /** Checks the numbers. */
  public MixtureTrainingSettings {
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
        LayerwiseRouterSettings.defaults().withSeed(adapter.seed()),
        RidgeSettings.defaults());
  }

  /** Returns these settings with adapters trained in another way. */
  public MixtureTrainingSettings withAdapter(TrainingOptions value) {
    return new MixtureTrainingSettings(
        value,
        trainingExamples,
        selectionExamples,
        maxPromptTokens,
        maxAnswerTokens,
        routerPrompts,
        disturbedPrompts,
        layerwise,
        ridge);
  }

  /** Returns these settings with another number of training examples. */
  public MixtureTrainingSettings withTrainingExamples(int value) {
    return new MixtureTrainingSettings(
        adapter,
        value,
        selectionExamples,
        maxPromptTokens,
        maxAnswerTokens,
        routerPrompts,
        disturbedPrompts,
        layerwise,
        ridge);
  }

  /** Returns these settings with another number of prompts that the routers learn from. */
  public MixtureTrainingSettings withRouterPrompts(int value) {
    return new MixtureTrainingSettings(
        adapter,
        trainingExamples,
        selectionExamples,
        maxPromptTokens,
        maxAnswerTokens,
        value,
        disturbedPrompts,
        layerwise,
        ridge);
  }

  /** Returns these settings with the routers learning disturbed prompts too, or not. */
  public MixtureTrainingSettings withDisturbedPrompts(boolean value) {
    return new MixtureTrainingSettings(
        adapter,
        trainingExamples,
        selectionExamples,
        maxPromptTokens,
        maxAnswerTokens,
        routerPrompts,
        value,
        layerwise,
        ridge);
  }
}
