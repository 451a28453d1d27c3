package io.github.moa4j.training.mixture;

import io.github.moa4j.router.RoutingText;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.PromptAsRead;
import io.github.moa4j.training.robustness.DisturbedPrompts;
import io.github.moa4j.training.robustness.PromptForm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The prompts that teach the routers, in the order in which statistics and routers take them. A
 * prompt in several forms is either learnt from or held out, in all its forms: what tells when
 * training should stop must be new to it. Of those held out, the forms as they are written come
 * first.
 *
 * @param heldOutAsWritten how many are held out as they are written: the threshold is calibrated on
 *     these
 */
record RouterPrompts(List<Example> prompts, int heldOutAsWritten) {

  private static final int HOLD_OUT_EVERY = 8;
  private static final int MOST = 64;
  private static final int MOST_FURTHER = 5000; // before their forms

  /** Most of them as they are written: fewer could not tell what 2 % of prompts are. */
  private static final int MOST_AS_WRITTEN = 40;

  /** The prompts as a router reads them that decides on messages one by one. */
  static RouterPrompts of(List<Example> examples, MixtureTrainingSettings settings) {
    return of(examples, settings, PromptAsRead::of);
  }

  /** The prompts as routers read them layer by layer, of the whole conversation. */
  static RouterPrompts ofConversations(List<Example> examples, MixtureTrainingSettings settings) {
    return of(examples, settings, RouterPrompts::inItsConversation);
  }

  private static RouterPrompts of(
      List<Example> examples, MixtureTrainingSettings settings, UnaryOperator<Example> read) {
    List<Example> used =
        examples.subList(0, Math.min(examples.size(), settings.routerPrompts())).stream()
            .map(read)
            .toList();
    if (!settings.disturbedPrompts()) {
      int heldOut = 0;
      for (int i = 0; i < used.size(); i++) {
        heldOut += DomainStatistics.holdsOut(i) ? 1 : 0;
      }
      return new RouterPrompts(used, heldOut);
    }
    return ordered(
        DisturbedPrompts.of(used, settings.adapter().seed()).stream()
            .map(forms -> forms.stream().map(read).toList())
            .toList());
  }

  /**
   * Returns prompts of which tokens alone are counted, as that takes no pass of the base, without
   * order: those behind these, in the same forms, and, where routers learn disturbed prompts, both
   * once more in capitals, as only a third of them has this form. What is held out stays so.
   */
  List<Example> further(List<Example> examples, MixtureTrainingSettings settings) {
    List<Example> behind =
        examples.stream().skip(settings.routerPrompts()).limit(MOST_FURTHER).toList();
    if (!settings.disturbedPrompts()) {
      return behind.stream().map(PromptAsRead::of).toList();
    }
    Set<String> left = new HashSet<>();
    for (int i = 0; i < prompts.size(); i++) {
      if (DomainStatistics.holdsOut(i)) {
        left.add(prompts.get(i).question());
      }
    }
    Stream<Example> learnt =
        examples.stream()
            .limit(settings.routerPrompts())
            .filter(example -> !left.contains(PromptAsRead.of(example).question()));
    long seed = settings.adapter().seed();
    return Stream.concat(
            DisturbedPrompts.of(behind, seed).stream().flatMap(List::stream),
            Stream.concat(learnt, behind.stream())
                .map(example -> PromptForm.UPPER_CASED.of(example, seed)))
        .map(PromptAsRead::of)
        .toList();
  }

  /** Returns an example with its last message as a router reads it, behind all that was said. */
  private static Example inItsConversation(Example example) {
    String read = RoutingText.of(example.question());
    return read.equals(example.question()) || read.isBlank() ? example : example.withQuestion(read);
  }

  /**
   * Puts the forms of every eighth prompt where {@link DomainStatistics#holdsOut} looks, and those
   * of so many of the last prompts as it takes to fill the other such places. Forms for which there
   * is no place are left out.
   */
  static RouterPrompts ordered(List<List<Example>> prompts) {
    Set<Integer> left = heldOut(prompts);
    Deque<Example> learnt = new ArrayDeque<>();
    Deque<Example> heldOut = new ArrayDeque<>();
    Deque<Example> disturbed = new ArrayDeque<>();
    for (int i = 0; i < prompts.size(); i++) {
      List<Example> forms = prompts.get(i);
      if (left.contains(i)) {
        heldOut.add(forms.get(0));
        disturbed.addAll(forms.subList(1, forms.size()));
      } else {
        learnt.addAll(forms);
      }
    }
    heldOut.addAll(disturbed);
    List<Example> ordered = new ArrayList<>();
    int placed = 0;
    while (!learnt.isEmpty()) {
      boolean next = DomainStatistics.holdsOut(ordered.size()) && !heldOut.isEmpty();
      placed += next ? 1 : 0;
      ordered.add((next ? heldOut : learnt).remove());
    }
    return new RouterPrompts(ordered, Math.min(placed, left.size()));
  }

  /** The indices of the prompts to hold out; one at least is learnt. */
  private static Set<Integer> heldOut(List<List<Example>> prompts) {
    Set<Integer> left = new HashSet<>();
    int forms = 0;
    for (int i = HOLD_OUT_EVERY - 1;
        i < prompts.size() && left.size() < MOST_AS_WRITTEN;
        i += HOLD_OUT_EVERY) {
      left.add(i);
      forms += prompts.get(i).size();
    }
    int all = prompts.stream().mapToInt(List::size).sum();
    for (int i = prompts.size() - 1; i > 0 && forms < places(all - forms); i--) {
      if (left.size() < prompts.size() - 1 && left.add(i)) {
        forms += prompts.get(i).size();
      }
    }
    return left;
  }

  /** How many of the places of held-out prompts come before the last of so many learnt ones. */
  private static int places(int learnt) {
    return Math.min(MOST, (learnt - 1) / (HOLD_OUT_EVERY - 1));
  }
}
