package io.github.moa4j.training.robustness;

import io.github.moa4j.training.data.Example;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The forms in which routers learn prompts: each as written, without its input, cut behind the
 * eighth word and, in turn, lower-cased, with typing errors or in capitals. A form that reads like
 * an earlier one of the same prompt is left out.
 */
public final class DisturbedPrompts {

  private static final List<PromptForm> IN_TURN =
      List.of(PromptForm.LOWER_CASED, PromptForm.TYPING_ERRORS, PromptForm.UPPER_CASED);

  private DisturbedPrompts() {}

  /**
   * Returns the forms of each example, the one as written first.
   *
   * @param seed of the typing errors
   */
  public static List<List<Example>> of(List<Example> examples, long seed) {
    List<List<Example>> forms = new ArrayList<>();
    for (Example example : examples) {
      PromptForm last = IN_TURN.get(forms.size() % IN_TURN.size());
      forms.add(
          distinct(
              List.of(
                  example,
                  PromptForm.WITHOUT_INPUT.of(example, seed),
                  PromptForm.FIRST_EIGHT_WORDS.of(example, seed),
                  last.of(example, seed))));
    }
    return List.copyOf(forms);
  }

  private static List<Example> distinct(List<Example> forms) {
    Set<String> known = new HashSet<>();
    return forms.stream().filter(form -> known.add(form.question())).toList();
  }
}
