package io.github.moa4j.core.template;

import io.github.moa4j.core.MoaException;

/**
 * A chat template that is not valid, uses what is not supported, or refuses the messages it is
 * given. The message names the line of the template.
 */
public final class TemplateException extends MoaException {

  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateException(String message) {
    this(message, 0);
  }

  TemplateException(String message, int line) {
    super(message);
    this.line = line;
  }

  private TemplateException(TemplateException cause, int line) {
    super("line " + line + ": " + cause.getMessage(), cause);
    this.line = line;
  }

  /** This error, told to be in the given line unless the line is known already. */
  TemplateException at(int where) {
    return line > 0 ? this : new TemplateException(this, where);
  }

  /** An error of the template's text itself. */
  static TemplateException syntax(int line, String message) {
    return new TemplateException("line " + line + ": " + message, line);
  }
}
