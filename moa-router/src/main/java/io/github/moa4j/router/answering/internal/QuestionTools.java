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
 * @param options of the generation, with the constraint of a call that is forced
 */
record QuestionTools(Set<String> names, GenerationOptions options) {

  /**
   * Prepares a question's tools.
   *
   * @throws MoaException if a call is forced that cannot be
   */
  static QuestionTools of(Question question, ToolFormat format) {
    GenerationOptions options = question.options();
    List<Map<String, Object>> tools = question.conversation().tools();
    boolean mayCall = !tools.isEmpty() && question.toolChoice().kind() != ToolChoice.Kind.NONE;
    if (question.toolChoice().forces()) {
      if (options.constraint().isPresent()) {
        throw new MoaException(
            "A question cannot force a call and constrain its answer otherwise: leave one out.");
      }
      options = options.withConstraint(format.constraint(tools, question.toolChoice()));
    } else if (mayCall && options.constraint().isPresent()) {
      options =
          options.withConstraint(
              Constraint.anyOf(
                  List.of(
                      options.constraint().get(),
                      format.constraint(tools, ToolChoice.required()))));
    }
    return new QuestionTools(mayCall ? ToolFormat.names(tools) : Set.of(), options);
  }

  ToolAnswer read(String answer) {
    return names.isEmpty() ? new ToolAnswer(answer, List.of()) : ToolAnswer.read(answer, names);
  }

  /** Returns what passes on the text of an answer as it comes. */
  SpokenText spoken() {
    return new SpokenText(names);
  }
}
