package io.github.moa4j.core.template;

import java.time.Clock;
import java.util.Map;

/**
 * A chat template, parsed: the part of Jinja such templates use, rendered as the Python library
 * Jinja2 3.1 renders it with {@code trim_blocks} and {@code lstrip_blocks}, in its sandbox in which
 * nothing can be changed, and with the functions that the Python library transformers adds.
 *
 * <p>There are expressions with all operators, slices, tests, filters and the methods of texts,
 * maps and lists that change nothing; the tags {@code if}, {@code for}, {@code set}, {@code macro},
 * {@code call}, {@code with}, {@code filter}, {@code raw}, {@code print}, {@code break}, {@code
 * continue} and {@code generation}; and the functions {@code namespace}, {@code range}, {@code
 * dict}, {@code cycler}, {@code joiner}, {@code raise_exception} and {@code strftime_now}. What is
 * not supported is refused by name. Values are put into the text as they are: a message that looks
 * like a template stays what it is.
 *
 * <p>A rendering has a budget, so that a template, wherever it is from, takes neither the machine's
 * time nor its memory: 10 million steps (an operator, call, element or turn of a loop each takes a
 * few) and 32 million characters in all the texts it makes. A template that needs more is refused.
 *
 * <p>Immutable and thread-safe.
 */
public final class Template {

  private static final int LONGEST = 1_000_000;

  static {
    // An overflow of the stack within the initialiser of a class leaves it unusable for good: those
    // with tables are initialised here, where the stack is still short.
    Filters.exists("");
    Conditions.exists("");
    Methods.find("", "");
  }

  private final Statement body;

  private Template(Statement body) {
    this.body = body;
  }

  /**
   * Parses a template.
   *
   * @throws TemplateException if it is not valid or uses a tag that is not supported
   */
  public static Template parse(String text) {
    if (text.length() > LONGEST) {
      throw new TemplateException(
          "a template has at most " + LONGEST + " characters, found " + text.length());
    }
    try {
      return new Template(new StatementParser(Lexer.tokens(text)).template());
    } catch (StackOverflowError e) {
      throw new TemplateException("the template is nested too deeply for this thread's stack");
    }
  }

  /**
   * Renders the template.
   *
   * @param variables texts, numbers, booleans, collections and maps of them, or null, by name
   * @param clock the time that {@code strftime_now} tells
   * @throws TemplateException if the template refuses the variables, uses what is not supported or
   *     does more than the budget allows
   * @throws IllegalArgumentException if a variable is or holds anything else
   */
  public String render(Map<String, ?> variables, Clock clock) {
    return render(variables, clock, new Budget(Budget.STEPS, Budget.CHARACTERS));
  }

  String render(Map<String, ?> variables, Clock clock, Budget budget) {
    StringBuilder output = new StringBuilder();
    try {
      Scope scope = Globals.scope(clock, budget).inner();
      variables.forEach((name, value) -> scope.set(name, variable(name, value, budget)));
      body.render(scope, output);
    } catch (StackOverflowError e) {
      // The depths that parser and budget allow fit a stack of common size, but not every one.
      throw new TemplateException("the template is nested too deeply for this thread's stack");
    }
    return output.toString();
  }

  private static Object variable(String name, Object value, Budget budget) {
    try {
      return Values.from(value, budget);
    } catch (TemplateException e) {
      throw new TemplateException("the variable '" + name + "': " + e.getMessage());
    }
  }
}
