package io.github.moa4j.core.tool;

import java.util.Objects;

/**
 * Whether an answer may, must not, or must call tools of the conversation.
 *
 * @param kind what is asked
 * @param name the tool that must be called; empty for another kind than {@link Kind#NAMED}
 * @param single whether one call at most is made, where several could be
 */
public record ToolChoice(Kind kind, String name, boolean single) {

  /** What is asked of an answer. */
  public enum Kind {
    /** The model decides. */
    AUTO,
    /** What looks like a call is text. */
    NONE,
    /** At least one tool is called. */
    REQUIRED,
    /** One tool is called, once. */
    NAMED
  }

  /** Checks that a name is given where it is needed, and only there. */
  public ToolChoice {
    Objects.requireNonNull(kind, "kind");
    if ((kind == Kind.NAMED) == name.isEmpty()) {
      throw new IllegalArgumentException("A choice " + kind + " with the name '" + name + "'");
    }
  }

  /** The model decides; so it is where nothing else is said. */
  public static ToolChoice auto() {
    return new ToolChoice(Kind.AUTO, "", false);
  }

  /** What looks like a call is text. */
  public static ToolChoice none() {
    return new ToolChoice(Kind.NONE, "", false);
  }

  /** At least one tool is called. */
  public static ToolChoice required() {
    return new ToolChoice(Kind.REQUIRED, "", false);
  }

  /** One tool is called, once. */
  public static ToolChoice named(String name) {
    return new ToolChoice(Kind.NAMED, name, true);
  }

  /**
   * The same with one call at most. One that is forced is then the only one; of several that a
   * model makes by itself the first counts.
   */
  public ToolChoice atMostOne() {
    return new ToolChoice(kind, name, true);
  }

  /** Whether an answer has to call something. */
  public boolean forces() {
    return kind == Kind.REQUIRED || kind == Kind.NAMED;
  }
}
