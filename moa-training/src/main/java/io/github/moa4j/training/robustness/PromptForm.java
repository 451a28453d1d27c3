package io.github.moa4j.training.robustness;

import io.github.moa4j.training.data.Example;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form in which a prompt may reach a router. Only the user's last message changes; the answer and
 * earlier messages stay.
 */
public enum PromptForm {
  /** The prompt as it is. */
  CLEAN("as written"),
  /** The instruction alone; prompts that have no input stay as they are. */
  WITHOUT_INPUT("without input"),
  /** All letters lower-cased. */
  LOWER_CASED("lower-cased"),
  /** All letters capitals. */
  UPPER_CASED("upper-cased"),
  /** Spaces that break no line, lines that end as on Windows. */
  OTHER_SPACES("no-break spaces, CRLF"),
  /** Cut behind the eighth word. */
  FIRST_EIGHT_WORDS("first eight words"),
  /** With typing errors, one in every fifth word, at least one; see {@link TypingErrors}. */
  TYPING_ERRORS("with typing errors");

  private static final int WORDS = 8;
  private static final char NO_BREAK_SPACE = '\u00a0';
  private static final Pattern BEGINNING =
      Pattern.compile("\\s*\\S+(?:\\s+\\S+){0," + (WORDS - 1) + "}");

  private final String title;

  PromptForm(String title) {
    this.title = title;
  }

  /** Returns the name of this form in words, for tables. */
  public String title() {
    return title;
  }

  /**
   * Returns an example with its prompt in this form.
   *
   * @param seed of the typing errors; the same seed and text give the same errors
   */
  public Example of(Example example, long seed) {
    return switch (this) {
      case CLEAN -> example;
      case WITHOUT_INPUT -> example.withQuestion(example.instruction());
      case LOWER_CASED -> example.withQuestion(example.question().toLowerCase(Locale.ROOT));
      case UPPER_CASED -> example.withQuestion(example.question().toUpperCase(Locale.ROOT));
      case OTHER_SPACES ->
          example.withQuestion(
              example.question().replace(' ', NO_BREAK_SPACE).replace("\n", "\r\n"));
      case FIRST_EIGHT_WORDS -> example.withQuestion(beginning(example.question()));
      case TYPING_ERRORS -> example.withQuestion(TypingErrors.in(example.question(), seed));
    };
  }

  /** Returns examples with their prompts in this form, in their order. */
  public List<Example> of(List<Example> examples, long seed) {
    return examples.stream().map(example -> of(example, seed)).toList();
  }

  private static String beginning(String text) {
    Matcher words = BEGINNING.matcher(text);
    return words.lookingAt() ? words.group() : text;
  }
}
