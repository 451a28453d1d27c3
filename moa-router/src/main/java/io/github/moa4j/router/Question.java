package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.tool.ToolChoice;
import io.github.moa4j.router.access.Caller;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What an application asks a mixture.
 *
 * @param conversation the messages so far, the user's last one at the end; tools and documents; and
 *     variables of the chat template, which go before those of the mixture
 * @param domain the domain whose adapter is to answer; empty to let the router decide
 * @param among the domains that may answer, of those that the caller sees; empty for all. The
 *     router scores no other, so that nothing of the others shows in the decision, and none can be
 *     named
 * @param toolChoice whether tools of the conversation may, must not or must be called
 * @param caller who asks; empty for the application itself, which sees all domains and shares what
 *     the model computes with all other questions of that kind
 * @param options sampling and stop conditions
 */
public record Question(
    Conversation conversation,
    Optional<String> domain,
    Optional<Set<String>> among,
    ToolChoice toolChoice,
    Optional<Caller> caller,
    GenerationOptions options) {

  /** Checks that nothing is null. */
  public Question {
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(domain, "domain");
    among = among.map(Set::copyOf);
    Objects.requireNonNull(toolChoice, "toolChoice");
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(options, "options");
  }

  /** One message of a user, answered greedily in at most 256 tokens by the domain it belongs to. */
  public static Question of(String text) {
    return of(Conversation.of(ChatMessage.user(text)));
  }

  /** A conversation, answered greedily in at most 256 tokens by the domain it belongs to. */
  public static Question of(Conversation conversation) {
    return new Question(
        conversation,
        Optional.empty(),
        Optional.empty(),
        ToolChoice.auto(),
        Optional.empty(),
        GenerationOptions.builder().build());
  }

  /** Returns this question with a domain named by the caller. */
  public Question inDomain(String name) {
    return new Question(conversation, Optional.of(name), among, toolChoice, caller, options);
  }

  /** Returns this question to be answered by one of these domains only, or by the base alone. */
  public Question among(Set<String> domains) {
    return new Question(conversation, domain, Optional.of(domains), toolChoice, caller, options);
  }

  /** Returns this question asked by somebody, who gets nothing to know of what it may not see. */
  public Question as(Caller who) {
    return new Question(conversation, domain, among, toolChoice, Optional.of(who), options);
  }

  /** Returns the domains that may answer; empty for all. */
  public Optional<Set<String>> visible() {
    Optional<Set<String>> seen = caller.flatMap(Caller::domains);
    if (seen.isEmpty() || among.isEmpty()) {
      return seen.or(() -> among);
    }
    Set<String> both = new HashSet<>(seen.get());
    both.retainAll(among.get());
    return Optional.of(both);
  }

  /** Returns this question with other options. */
  public Question with(GenerationOptions other) {
    return new Question(conversation, domain, among, toolChoice, caller, other);
  }

  /** Returns this question with a time limit; see {@link GenerationOptions#timeLimit}. */
  public Question within(Duration limit) {
    return with(options.withTimeLimit(limit));
  }

  /**
   * Returns this question with another choice of tools. A call that is forced follows the schema of
   * its tool's arguments; the options must not have a constraint of their own then. Where tools may
   * be called and the options have one, the answer is either.
   */
  public Question calling(ToolChoice choice) {
    return new Question(conversation, domain, among, choice, caller, options);
  }
}
