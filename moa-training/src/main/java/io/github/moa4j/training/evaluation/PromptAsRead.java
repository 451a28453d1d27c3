package io.github.moa4j.training.evaluation;

import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.RoutingText;
import io.github.moa4j.training.data.Example;

/**
 * Examples with their prompts as the router of a mixture reads them when it is asked. A mixture
 * reads the user's messages one by one ({@link RoutingText#of(Conversation)}), so a router that
 * learnt or was measured on whole conversations would know prompts that it never meets.
 */
public final class PromptAsRead {

  private PromptAsRead() {}

  /**
   * Returns an example with the user's last message as a router reads it; the example itself where
   * that is all of its prompt. The answer stays, and so does the input where it can be told apart.
   */
  public static Example of(Example example) {
    Conversation read = RoutingText.of(example.context());
    if (read.equals(example.context())) {
      return example;
    }
    String question = read.messages().get(read.messages().size() - 1).content();
    return new Example(read, example.reply(), input(question, RoutingText.of(example.input())));
  }

  /** The input if it is the end of the question, behind an instruction. */
  private static String input(String question, String input) {
    int instruction = question.length() - input.length() - 1;
    boolean apart =
        !input.isBlank()
            && question.endsWith("\n" + input)
            && !question.substring(0, Math.max(0, instruction)).isBlank();
    return apart ? input : "";
  }
}
