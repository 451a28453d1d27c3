package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What an application asks a mixture.
 *
 * @param conversation the messages so far, the user's last one at the end; tools and documents; and
 *     variables of the chat template, which go before those of the mixture
 * @param domain the domain whose adapter is to answer; empty to let the router decide
 * @param options sampling and stop conditions
 */
public record Question(
    Conversation conversation, Optional<String> domain, GenerationOptions options) {

  /** Checks that nothing is null. */
  public Question {
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(domain, "domain");
    Objects.requireNonNull(options, "options");
  }

  /** One message of a user, answered greedily in at most 256 tokens by the domain it belongs to. */
  public static Question of(String text) {
    return of(Conversation.of(ChatMessage.user(text)));
  }

  /** A conversation, answered greedily in at most 256 tokens by the domain it belongs to. */
  public static Question of(Conversation conversation) {
    return new Question(conversation, Optional.empty(), GenerationOptions.builder().build());
  }

  /** Returns this question with a domain named by the caller. */
  public Question inDomain(String name) {
    return new Question(conversation, Optional.of(name), options);
  }

  /** Returns this question with other options. */
  public Question with(GenerationOptions other) {
    return new Question(conversation, domain, other);
  }

  /** Returns this question with a time limit; see {@link GenerationOptions#timeLimit}. */
  public Question within(Duration limit) {
    return new Question(conversation, domain, options.withTimeLimit(limit));
  }
}
