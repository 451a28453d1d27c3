package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.tool.SpokenText;
import io.github.moa4j.core.tool.ToolAnswer;
import io.github.moa4j.core.tool.ToolChoice;
import io.github.moa4j.core.tool.ToolFormat;
import io.github.moa4j.router.Question;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tools of one question: what the answer is held to, and how it is read.
 *
 * @param names of the tools that may be called; none where the answer is nothing but text
 * @param choice how they may be called
 * @param options of the generation, with the constraint of a call that is forced
 */
record QuestionTools(Set<String> names, ToolChoice choice, GenerationOptions options) {

  /**
   * Prepares a question's tools.
   *
   * @throws MoaException if a call is forced that cannot be
   */
  static QuestionTools of(Question question, ToolFormat format) {
    GenerationOptions options = question.options();
    List<Map<String, Object>> tools = question.conversation().tools();
    ToolChoice choice = question.toolChoice();
    boolean mayCall = !tools.isEmpty() && choice.kind() != ToolChoice.Kind.NONE;
    if (choice.forces()) {
      if (options.constraint().isPresent()) {
        throw new MoaException(
            "A question cannot force a call and constrain its answer otherwise: leave one out.");
      }
      options = options.withConstraint(format.constraint(tools, choice));
    } else if (mayCall && options.constraint().isPresent()) {
      ToolChoice required = ToolChoice.required();
      options =
          options.withConstraint(
              Constraint.anyOf(
                  List.of(
                      options.constraint().get(),
                      format.constraint(
                          tools, choice.single() ? required.atMostOne() : required))));
    }
    return new QuestionTools(mayCall ? ToolFormat.names(tools) : Set.of(), choice, options);
  }

  ToolAnswer read(String answer) {
    ToolAnswer read =
        names.isEmpty() ? new ToolAnswer(answer, List.of()) : ToolAnswer.read(answer, names);
    return choice.single() && read.calls().size() > 1
        ? new ToolAnswer(read.text(), read.calls().subList(0, 1))
        : read;
  }

  /** Returns what passes on the text of an answer as it comes. */
  SpokenText spoken() {
    return new SpokenText(names);
  }
}
