package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.algebra.internal.NativeBackend;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Trains the paper's layer-wise router: L = mean over layers l of CE(p_l, domain), p_l =
 * softmax(R_l h_l + b_l), on the states of the base's own pass. The layers share no parameter, so
 * each is trained by itself, and each stops where its own held-out loss is lowest: every eighth
 * prompt of a domain, up to 64, is held out.
 *
 * <p>Domains whose prompts are gone take part through their {@link DomainStatistics}: draws from
 * the Gaussian distribution with the domain's mean and covariance stand in for its prompts, and the
 * held-out prompts kept there for its held-out slice. So a domain is added to a router, or removed,
 * without the data of any other.
 *
 * <p>A layer starts from the closed form of {@link io.github.moa4j.router.ridge.RidgeRouter} on the
 * same moments, in logits by its own temperature, and the gradient steps refine it. Features are
 * standardised for training and the standardisation is folded into R_l and b_l.
 */
public final class LayerwiseRouterTrainer {

  private final LayerwiseRouterSettings settings;
  private final Consumer<RouterTrainingProgress> progress;

  /**
   * Creates a trainer that reports to nobody.
   *
   * @throws io.github.moa4j.core.MoaException if ND4J finds no native code
   */
  public LayerwiseRouterTrainer(LayerwiseRouterSettings settings) {
    this(settings, ignored -> {});
  }

  /**
   * Creates a trainer.
   *
   * @param progress called every ten steps, on the training thread
   * @throws io.github.moa4j.core.MoaException if ND4J finds no native code
   */
  public LayerwiseRouterTrainer(
      LayerwiseRouterSettings settings, Consumer<RouterTrainingProgress> progress) {
    NativeBackend.require();
    this.settings = Objects.requireNonNull(settings, "settings");
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  /**
   * Trains on the prompts of every domain.
   *
   * @param prompts domain to the states of its prompts; its order becomes the router's
   * @throws RouterException if there is no domain, one has no prompt, or widths differ
   */
  public LayerwiseRouter train(Map<String, List<PromptStates>> prompts) {
    return train(List.of(), prompts);
  }

  /**
   * Trains from the stored statistics alone.
   *
   * @param statistics the statistics of every domain; their order becomes the router's
   * @throws RouterException as {@link #train(List, Map)}
   */
  public LayerwiseRouter train(List<DomainStatistics> statistics) {
    return train(statistics, Map.of());
  }

  /**
   * Trains on stored statistics of some domains and the prompts of others, such as one that is
   * being added.
   *
   * @param statistics domains known by their statistics; they come first in the router's order
   * @param prompts domain to the states of its prompts
   * @throws RouterException if there is no domain, one is given twice or has too few prompts, or
   *     pooling, states or widths do not fit each other or the settings
   */
  public LayerwiseRouter train(
      List<DomainStatistics> statistics, Map<String, List<PromptStates>> prompts) {
    List<DomainRows> domains = new ArrayList<>();
    for (DomainStatistics known : statistics) {
      domains.add(new RememberedRows(known, settings));
    }
    prompts.forEach((domain, states) -> domains.add(PromptRows.of(domain, states, settings)));
    return trainOn(domains);
  }

  /** Trains on the rows of every domain, which come in the router's order. */
  LayerwiseRouter trainOn(List<DomainRows> domains) {
    List<Integer> states = RouterLayout.states(domains, settings);
    Pooling pooling = RouterLayout.pooling(domains);
    int width = RouterLayout.width(domains);
    List<StateClassifier> layers = new ArrayList<>();
    for (int layer = 0; layer < states.size(); layer++) {
      layers.add(trainLayer(domains, layer, states, width));
    }
    return LayerwiseRouter.of(domains.stream().map(DomainRows::domain).toList(), pooling, layers);
  }

  private StateClassifier trainLayer(
      List<DomainRows> domains, int layer, List<Integer> states, int width) {
    int state = states.get(layer);
    int features = FeatureSketch.of(width).features();
    LabelledRows rows =
        LabelledRows.of(domains.stream().map(domain -> domain.rows(state)).toList(), features);
    LabelledRows heldOut =
        LabelledRows.of(domains.stream().map(domain -> domain.heldOut(state)).toList(), features);
    Standardisation standardisation = Standardisation.of(rows);
    SoftmaxRegression regression = new SoftmaxRegression(features, domains.size());
    ClosedFormStart.of(domains, state, standardisation).applyTo(regression);
    regression.train(
        standardisation.apply(rows),
        standardisation.apply(heldOut),
        settings,
        (evaluation, step) ->
            progress.accept(
                new RouterTrainingProgress(
                    layer,
                    states.size(),
                    state,
                    step,
                    evaluation.loss(),
                    evaluation.heldOutLoss(),
                    evaluation.heldOutAccuracy())));
    return StateClassifier.folded(
        state,
        width,
        regression.weights(),
        regression.bias(),
        standardisation.mean(),
        standardisation.scale());
  }
}
