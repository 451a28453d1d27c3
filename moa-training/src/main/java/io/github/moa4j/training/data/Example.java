package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A prompt and the answer to learn.
 *
 * @param context the conversation up to the answer, with the tools and documents it had; its last
 *     message is the user's or a tool's
 * @param reply the assistant's answer: text, or calls of tools, or both
 * @param input what the instruction of the last message is about, such as a table: the end of that
 *     message, on a line of its own behind the instruction; empty where there is none
 */
public record Example(Conversation context, ChatMessage reply, String input) {

  /** Roles whose messages say something; what a tool answers may be empty. */
  private static final Set<String> SPEAKERS = Set.of("system", "developer", "user", "assistant");

  /** Roles whose messages are answered. */
  static final Set<String> ANSWERED = Set.of("user", "tool", "function", "ipython");

  /**
   * Checks the example.
   *
   * @throws IllegalArgumentException if the prompt does not end with a message of the user or of a
   *     tool, if that message does not end with the input, if the reply is not the assistant's, or
   *     if a text is blank or holds half a surrogate pair, which has no UTF-8 form
   */
  public Example {
    List<ChatMessage> prompt = context.messages();
    ChatMessage last = prompt.get(prompt.size() - 1);
    if (!ANSWERED.contains(last.role())) {
      throw new IllegalArgumentException(
          "A prompt must end with a message of the user or of a tool");
    }
    for (ChatMessage message : prompt) {
      checkMessage(message.role() + " message", message);
    }
    if (!reply.role().equals("assistant")) {
      throw new IllegalArgumentException("An answer must be a message of the assistant");
    }
    checkMessage("answer", reply);
    if (!input.isEmpty()) {
      String question = last.content();
      if (!question.endsWith("\n" + input)) {
        throw new IllegalArgumentException(
            "The user's last message must end with the input, on a line of its own");
      }
      checkText("instruction", question.substring(0, question.length() - input.length() - 1));
    }
  }

  /** Creates an example of messages alone, whose prompt has no input apart from its instruction. */
  public Example(List<ChatMessage> prompt, String answer) {
    this(Conversation.of(checked(prompt)), ChatMessage.assistant(answer), "");
  }

  /** Returns an example of one question and its answer. */
  public static Example of(String question, String answer) {
    return new Example(List.of(ChatMessage.user(question)), answer);
  }

  /** Returns an example of an instruction, what it is about, and the answer. */
  static Example of(String instruction, String input, String answer) {
    return new Example(
        Conversation.of(ChatMessage.user(instruction + "\n" + input)),
        ChatMessage.assistant(answer),
        input);
  }

  private static List<ChatMessage> checked(List<ChatMessage> prompt) {
    if (prompt.isEmpty()) {
      throw new IllegalArgumentException(
          "A prompt must end with a message of the user or of a tool");
    }
    return prompt;
  }

  /** Returns the messages of the prompt. */
  public List<ChatMessage> prompt() {
    return context.messages();
  }

  /** Returns the text of the answer; empty if it does nothing but call tools. */
  public String answer() {
    return reply.content();
  }

  /** Returns the user's last message, which the answer answers. */
  public String question() {
    return prompt().get(prompt().size() - 1).content();
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
    List<ChatMessage> messages = new ArrayList<>(prompt());
    int last = messages.size() - 1;
    messages.set(last, messages.get(last).withContent(question));
    return new Example(context.withMessages(messages), reply, "");
  }

  /** Returns the prompt's messages followed by the answer as the assistant's. */
  public List<ChatMessage> conversation() {
    return context.and(reply).messages();
  }

  private static void checkMessage(String name, ChatMessage message) {
    boolean mayBeBlank = message.callsTools() || !SPEAKERS.contains(message.role());
    if (mayBeBlank) {
      checkCharacters(name, message.content());
    } else {
      checkText(name, message.content());
    }
  }

  private static void checkText(String name, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("The " + name + " is blank");
    }
    checkCharacters(name, text);
  }

  private static void checkCharacters(String name, String text) {
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
