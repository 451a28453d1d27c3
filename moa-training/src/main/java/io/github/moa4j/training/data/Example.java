package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt and the answer to learn.
 *
 * @param prompt the conversation up to the answer; its last message is the user's
 * @param answer the assistant's answer; not blank
 */
public record Example(List<ChatMessage> prompt, String answer) {

  /**
   * Checks the example and copies the prompt.
   *
   * @throws IllegalArgumentException if the prompt is empty or does not end with the user's
   *     message, or if a text is blank or holds half a surrogate pair, which has no UTF-8 form
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
  }

  /** Returns an example of one question and its answer. */
  public static Example of(String question, String answer) {
    return new Example(List.of(ChatMessage.user(question)), answer);
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
