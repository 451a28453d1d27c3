package io.github.moa4j.core.template;

import io.github.moa4j.core.MoaException;

/**
 * A chat template that is not valid, uses what is not supported, does more than a rendering may, or
 * refuses the messages it is given. The message names the line of the template.
 */
public final class TemplateException extends MoaException {

  private static final long serialVersionUID = 1L;

  private static final int LONGEST_QUOTE = 200;

  private final int line;
  private final String reason;

  /** Of what a template does not do with the conversation it is given. */
  public TemplateException(String message) {
    this(message, 0);
  }

  TemplateException(String message, int line) {
    super(message);
    this.line = line;
    this.reason = message;
  }

  private TemplateException(TemplateException cause, int line) {
    super("line " + line + ": " + cause.getMessage(), cause);
    this.line = line;
    this.reason = getMessage();
  }

  private TemplateException(String origin, TemplateException cause) {
    super(origin + ": " + cause.getMessage(), cause);
    this.line = cause.line;
    this.reason = cause.reason;
  }

  /** This error, told to be of the template of the given file. */
  public TemplateException of(String origin) {
    return new TemplateException(origin, this);
  }

  /** Returns what is wrong without the file, for those who have no business with its path. */
  public String reason() {
    return reason;
  }

  /** This error, told to be in the given line unless the line is known already. */
  TemplateException at(int where) {
    return line > 0 ? this : new TemplateException(this, where);
  }

  /** An error of the template's text itself. */
  static TemplateException syntax(int line, String message) {
    return new TemplateException("line " + line + ": " + message, line);
  }

  /** A text of the template or its variables as a message quotes it: its first characters. */
  static String quote(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE - 1) + "…";
  }
}
