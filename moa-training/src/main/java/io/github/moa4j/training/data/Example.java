package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt and the answer to learn.
 *
 * @param prompt the conversation up to the answer; its last message is the user's
 * @param answer the assistant's answer; not blank
 * @param input what the instruction of the last message is about, such as a table: the end of that
 *     message, on a line of its own behind the instruction; empty where there is none
 */
public record Example(List<ChatMessage> prompt, String answer, String input) {

  /**
   * Checks the example and copies the prompt.
   *
   * @throws IllegalArgumentException if the prompt is empty or does not end with the user's
   *     message, if that message does not end with the input, or if a text is blank or holds half a
   *     surrogate pair, which has no UTF-8 form
   */
  public Example {
    prompt = List.copyOf(prompt);
    if (prompt.isEmpty() || !prompt.get(prompt.size() - 1).role().equals("user")) {
      throw new IllegalArgumentException("A prompt must end with a message of the user");
    }
    for (ChatMessage message : prompt) {
      checkText(message.role() + " message", message.content());
    }
    checkText("answer", answer);
    if (!input.isEmpty()) {
      String question = prompt.get(prompt.size() - 1).content();
      if (!question.endsWith("\n" + input)) {
        throw new IllegalArgumentException(
            "The user's last message must end with the input, on a line of its own");
      }
      checkText("instruction", question.substring(0, question.length() - input.length() - 1));
    }
  }

  /** Creates an example whose prompt has no input apart from its instruction. */
  public Example(List<ChatMessage> prompt, String answer) {
    this(prompt, answer, "");
  }

  /** Returns an example of one question and its answer. */
  public static Example of(String question, String answer) {
    return new Example(List.of(ChatMessage.user(question)), answer);
  }

  /** Returns an example of an instruction, what it is about, and the answer. */
  static Example of(String instruction, String input, String answer) {
    return new Example(List.of(ChatMessage.user(instruction + "\n" + input)), answer, input);
  }

  /** Returns the user's last message, which the answer answers. */
  public String question() {
    return prompt.get(prompt.size() - 1).content();
  }

  /** Returns the user's last message without the input. */
  public String instruction() {
    String question = question();
    return input.isEmpty()
        ? question
        : question.substring(0, question.length() - input.length() - 1);
  }

  /**
   * Returns this example with another last message, which counts as an instruction without input.
   *
   * @throws IllegalArgumentException if the text is blank
   */
  public Example withQuestion(String question) {
    List<ChatMessage> messages = new ArrayList<>(prompt);
    messages.set(messages.size() - 1, ChatMessage.user(question));
    return new Example(messages, answer);
  }

  /** Returns the prompt's messages followed by the answer as the assistant's. */
  public List<ChatMessage> conversation() {
    List<ChatMessage> messages = new ArrayList<>(prompt);
    messages.add(ChatMessage.assistant(answer));
    return List.copyOf(messages);
  }

  private static void checkText(String name, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("The " + name + " is blank");
    }
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(unit)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (Character.isSurrogate(unit)) {
        throw new IllegalArgumentException(
            "The %s holds half a surrogate pair (\\u%04x), which is no character"
                .formatted(name, (int) unit));
      }
    }
  }
}
