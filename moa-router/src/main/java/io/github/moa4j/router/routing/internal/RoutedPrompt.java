package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingText;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A prompt, and what a router reads of it. Where the conversation has one message of a user and
 * reads to a router as it is written, that is the prompt itself, so that the router's pass over it
 * serves the answer too. Else each of the user's messages is read by itself.
 *
 * @param tokens the prompt that is answered
 * @param messages the prompts that the user's messages would make alone, the oldest first; empty
 *     where the router reads the prompt itself
 * @param parts the prompts that parts of the last message would make alone, made when they are
 *     asked for; none of a short one
 * @param blank whether the last message says nothing
 * @param instructed whether it begins with a system message, as other prompts may
 */
record RoutedPrompt(
    int[] tokens,
    List<int[]> messages,
    Supplier<List<Part>> parts,
    boolean blank,
    boolean instructed) {

  /** A part of a message as a prompt of its own; see {@link TextParts.Part}. */
  record Part(int[] tokens, boolean fromStart, boolean telling) {}

  private static final int MOST_MESSAGES = 8;
  private static final String USER = "user";
  private static final String SYSTEM = "system";

  /**
   * Encodes a question.
   *
   * @param context how many tokens the prompt and its answer may have
   * @throws ContextLengthException if it leaves no room for an answer
   */
  static RoutedPrompt of(Question question, PromptEncoder encoder, int context) {
    int[] prompt =
        encoder
            .encode(question.conversation(), context)
            .orElseThrow(() -> new ContextLengthException(context));
    if (prompt.length == 0) {
      throw new MoaException("The chat template makes an empty prompt of the question's messages.");
    }
    if (prompt.length >= context) {
      throw new ContextLengthException(prompt.length + 1, context);
    }
    return question.domain().isPresent()
        ? of(prompt)
        : of(question.conversation(), prompt, encoder, context);
  }

  /** A prompt that no router reads. */
  static RoutedPrompt of(int[] tokens) {
    return new RoutedPrompt(tokens, List.of(), List::of, false, false);
  }

  /**
   * Makes what a router reads of a conversation.
   *
   * @param tokens the conversation's prompt
   * @param most how many tokens a prompt may have
   */
  static RoutedPrompt of(Conversation conversation, int[] tokens, PromptEncoder encoder, int most) {
    List<String> asked =
        conversation.messages().stream()
            .filter(message -> message.role().equals(USER))
            .map(ChatMessage::content)
            .toList();
    if (asked.isEmpty()) {
      return of(tokens);
    }
    String last = asked.get(asked.size() - 1);
    String read = RoutingText.of(last);
    if (RoutingText.isBlank(read)) {
      return new RoutedPrompt(tokens, List.of(), List::of, true, false);
    }
    Alone alone = new Alone(conversation, encoder, most);
    List<String> recent = asked.subList(Math.max(0, asked.size() - MOST_MESSAGES), asked.size());
    List<int[]> messages =
        asked.size() == 1 && read.equals(last)
            ? List.of()
            : recent.stream().map(alone::prompt).toList();
    boolean asWritten = messages.size() == 1 && Arrays.equals(messages.get(0), tokens);
    return new RoutedPrompt(
        tokens,
        asWritten ? List.of() : messages,
        () -> TextParts.of(read).stream().map(alone::part).toList(),
        false,
        conversation.messages().get(0).role().equals(SYSTEM));
  }

  /** Makes prompts of one message, under the rules of its conversation. */
  private record Alone(Conversation conversation, PromptEncoder encoder, int most) {

    Part part(TextParts.Part part) {
      return new Part(prompt(part.text()), part.fromStart(), part.telling());
    }

    int[] prompt(String text) {
      int[] prompt = encoder.encode(RoutingText.alone(conversation, text));
      return prompt.length <= most
          ? prompt
          : Arrays.copyOfRange(prompt, prompt.length - most, prompt.length);
    }
  }
}
