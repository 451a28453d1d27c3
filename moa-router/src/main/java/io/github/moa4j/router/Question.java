package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import java.util.List;
import java.util.Optional;

/**
 * What an application asks a mixture.
 *
 * @param messages the conversation so far, the user's last message at the end
 * @param domain the domain whose adapter is to answer; empty to let the router decide
 * @param options sampling and stop conditions
 */
public record Question(
    List<ChatMessage> messages, Optional<String> domain, GenerationOptions options) {

  /** Validates the components. */
  public Question {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("A question needs at least one message");
    }
  }

  /** One message of a user, answered greedily in at most 256 tokens by the domain it belongs to. */
  public static Question of(String text) {
    return new Question(
        List.of(ChatMessage.user(text)), Optional.empty(), GenerationOptions.builder().build());
  }

  /** Returns this question with a domain named by the caller. */
  public Question inDomain(String name) {
    return new Question(messages, Optional.of(name), options);
  }

  /** Returns this question with other options. */
  public Question with(GenerationOptions other) {
    return new Question(messages, domain, other);
  }
}
