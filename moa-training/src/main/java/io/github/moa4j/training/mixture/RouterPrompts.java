package io.github.moa4j.training.mixture;

import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.robustness.DisturbedPrompts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Chooses and orders the prompts that teach the routers. A prompt in several forms is either learnt
 * from or held out, in all its forms: what tells when training should stop must be new to it.
 */
final class RouterPrompts {

  private static final int HOLD_OUT_EVERY = 8;

  private RouterPrompts() {}

  /** Returns the prompts in the order in which statistics and routers take them. */
  static List<Example> of(List<Example> examples, MixtureTrainingSettings settings) {
    List<Example> used = examples.subList(0, Math.min(examples.size(), settings.routerPrompts()));
    return settings.disturbedPrompts()
        ? ordered(DisturbedPrompts.of(used, settings.adapter().seed()))
        : used;
  }

  /** Puts the forms of every eighth prompt where {@link DomainStatistics#holdsOut} looks. */
  static List<Example> ordered(List<List<Example>> prompts) {
    Deque<Example> learnt = new ArrayDeque<>();
    Deque<Example> heldOut = new ArrayDeque<>();
    for (int i = 0; i < prompts.size(); i++) {
      boolean wanted = DomainStatistics.holdsOut((heldOut.size() + 1L) * HOLD_OUT_EVERY - 1);
      boolean last = i % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1;
      (wanted && last ? heldOut : learnt).addAll(prompts.get(i));
    }
    List<Example> ordered = new ArrayList<>();
    while (!learnt.isEmpty()) {
      boolean next = DomainStatistics.holdsOut(ordered.size()) && !heldOut.isEmpty();
      ordered.add((next ? heldOut : learnt).remove());
    }
    return ordered;
  }
}
