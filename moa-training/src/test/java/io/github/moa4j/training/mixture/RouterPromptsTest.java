package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RouterPromptsTest {

  @Test
  void noPromptIsBothLearntFromAndHeldOut() {
    List<Example> ordered = RouterPrompts.ordered(prompts(400, 3));
    Set<String> learnt = new HashSet<>();
    Set<String> heldOut = new HashSet<>();
    for (int i = 0; i < ordered.size(); i++) {
      (DomainStatistics.holdsOut(i) ? heldOut : learnt).add(ordered.get(i).answer());
    }
    assertThat(heldOut).isNotEmpty().doesNotContainAnyElementsOf(learnt);
    assertThat(learnt).hasSizeGreaterThan(370);
  }

  @Test
  void aHandfulOfPromptsIsLearntWhole() {
    assertThat(RouterPrompts.ordered(prompts(7, 2))).hasSize(14);
  }

  /** The answer tells which prompt a form stems from. */
  private static List<List<Example>> prompts(int count, int forms) {
    List<List<Example>> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Example> prompt = new ArrayList<>();
      for (int form = 0; form < forms; form++) {
        prompt.add(Example.of("prompt " + i + " form " + form, "" + i));
      }
      prompts.add(prompt);
    }
    return prompts;
  }
}
