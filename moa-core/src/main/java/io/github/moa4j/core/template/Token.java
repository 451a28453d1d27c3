package io.github.moa4j.core.template;

/** A piece of a template: its kind, its text (of a string literal the value), its line from 1. */
record Token(Kind kind, String text, int line) {

  enum Kind {
    /** Text outside of tags. */
    TEXT,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind expected, String expectedText) {
    return kind == expected && text.equals(expectedText);
  }

  /** How an error message names this token. */
  String describe() {
    return switch (kind) {
      case END -> "the end of the template";
      case PRINT_BEGIN -> "'{{'";
      case PRINT_END -> "'}}'";
      case BLOCK_BEGIN -> "'{%'";
      case BLOCK_END -> "'%}'";
      case TEXT -> "text";
      default -> "'" + TemplateException.quote(text) + "'";
    };
  }
}
