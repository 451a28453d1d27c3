package io.github.moa4j.core.text;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user} or {@code assistant}, or what else the
 *     model's chat template knows; not blank
 * @param content what is said
 */
public record ChatMessage(String role, String content) {

  /** Checks that there is a role and a content. */
  public ChatMessage {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    if (role.isBlank()) {
      throw new IllegalArgumentException(
          "The role of a chat message must not be blank; expected system, user or assistant");
    }
  }

  /** What the user says. */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /** What the model says. */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }

  /** What rules the conversation. */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }
}
