package io.github.moa4j.training.mixture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouterPromptsTest {

  @ParameterizedTest
  @CsvSource({"400, 3", "20, 3", "7, 2", "9, 2", "2, 30", "700, 1", "64, 5"})
  void noPromptIsBothLearntFromAndHeldOut(int count, int forms) {
    List<Example> ordered = RouterPrompts.ordered(prompts(count, forms));
    Set<String> learnt = new HashSet<>();
    Set<String> heldOut = new HashSet<>();
    for (int i = 0; i < ordered.size(); i++) {
      (DomainStatistics.holdsOut(i) ? heldOut : learnt).add(ordered.get(i).answer());
    }
    assertThat(heldOut).isNotEmpty().doesNotContainAnyElementsOf(learnt);
    assertThat(learnt.size() + heldOut.size()).isGreaterThan(count * 9 / 10);
  }

  @Test
  void heldOutPromptsAsWrittenComeBeforeTheirOtherForms() {
    List<Example> ordered = RouterPrompts.ordered(prompts(100, 4));
    List<Example> heldOut = new ArrayList<>();
    for (int i = 0; i < ordered.size(); i++) {
      if (DomainStatistics.holdsOut(i)) {
        heldOut.add(ordered.get(i));
      }
    }
    assertThat(heldOut.subList(0, (heldOut.size() + 3) / 4))
        .allMatch(example -> example.question().endsWith("form 0"));
  }

  @Test
  void oneOrFewPromptsAreLearntWhole() {
    assertThat(RouterPrompts.ordered(prompts(7, 1))).hasSize(7);
    assertThat(RouterPrompts.ordered(prompts(1, 20))).hasSize(20);
    assertThat(RouterPrompts.ordered(List.of())).isEmpty();
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
