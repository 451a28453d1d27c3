package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A domain whose prompts are at hand: some to learn from, some held out. */
final class PromptRows implements DomainRows {

  private final String domain;
  private final Pooling pooling;
  private final List<PromptStates> kept;
  private final List<PromptStates> heldOut;

  private PromptRows(
      String domain,
      List<PromptStates> kept,
      List<PromptStates> heldOut,
      LayerwiseRouterSettings settings) {
    if (kept.isEmpty()) {
      throw new RouterException("Domain '" + domain + "' has no prompts to train a router on.");
    }
    this.domain = domain;
    this.pooling = settings.pooling(kept.get(0).hiddenSize());
    this.kept = List.copyOf(kept);
    this.heldOut = List.copyOf(heldOut);
    kept.forEach(prompt -> requireSameShape(kept.get(0), prompt));
    heldOut.forEach(prompt -> requireSameShape(kept.get(0), prompt));
  }

  /** Every eighth prompt, up to 64, is held out. */
  static PromptRows of(
      String domain, List<PromptStates> prompts, LayerwiseRouterSettings settings) {
    return ofForms(domain, prompts.stream().map(List::of).toList(), settings);
  }

  /**
   * Every eighth prompt, up to 64, is held out in all its forms: what tells when training should
   * stop must be new to it.
   *
   * @param prompts the states of each prompt's forms
   */
  static PromptRows ofForms(
      String domain, List<List<PromptStates>> prompts, LayerwiseRouterSettings settings) {
    List<PromptStates> kept = new ArrayList<>();
    List<PromptStates> heldOut = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      (DomainStatistics.holdsOut(i) ? heldOut : kept).addAll(prompts.get(i));
    }
    return new PromptRows(domain, kept, heldOut, settings);
  }

  private void requireSameShape(PromptStates first, PromptStates other) {
    if (first.numStates() != other.numStates() || first.hiddenSize() != other.hiddenSize()) {
      throw new RouterException(
          "The prompts of domain '"
              + domain
              + "' have "
              + first.numStates()
              + " states of width "
              + first.hiddenSize()
              + " and "
              + other.numStates()
              + " of width "
              + other.hiddenSize()
              + ". Take all from one base.");
    }
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public Pooling pooling() {
    return pooling;
  }

  @Override
  public int width() {
    return pooling.width(kept.get(0).hiddenSize());
  }

  @Override
  public List<Integer> states() {
    return IntStream.range(0, kept.get(0).numStates()).boxed().toList();
  }

  @Override
  public float[][] rows(int state) {
    return pooled(kept, state);
  }

  @Override
  public DomainStatistics statistics(int state) {
    DomainStatistics statistics =
        DomainStatistics.empty(domain, pooling, List.of(state), kept.get(0).hiddenSize());
    statistics.add(kept, heldOut, 0);
    return statistics;
  }

  @Override
  public float[][] heldOut(int state) {
    return pooled(heldOut, state);
  }

  private float[][] pooled(List<PromptStates> prompts, int state) {
    FeatureSketch sketch = FeatureSketch.of(width());
    return prompts.stream()
        .map(prompt -> sketch.apply(pooling.of(prompt, state)))
        .toArray(float[][]::new);
  }
}
