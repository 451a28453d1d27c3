package io.github.moa4j.core.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat template, parsed: the part of Jinja such templates use, rendered as the Python library
 * renders it with {@code trim_blocks} and {@code lstrip_blocks}.
 *
 * <p>There are expressions with all operators, slices, tests, filters and the methods of texts and
 * maps that change nothing; the tags {@code if}, {@code for}, {@code set}, {@code macro}, {@code
 * with}, {@code filter}, {@code raw}, {@code break}, {@code continue} and {@code generation}; and
 * the functions {@code namespace}, {@code range}, {@code dict}, {@code raise_exception} and {@code
 * strftime_now}. What is not supported is refused by name. Values are put into the text as they
 * are: a message that looks like a template stays what it is.
 *
 * <p>Immutable and thread-safe.
 */
public final class Template {

  private static final long LONGEST_RANGE = 100_000;

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
    try {
      return new Template(new StatementParser(Lexer.tokens(text)).template());
    } catch (StackOverflowError e) {
      throw new TemplateException("the template is nested too deeply");
    }
  }

  /**
   * Renders the template.
   *
   * @param variables texts, numbers, booleans, lists and maps of them, or null, by name
   * @param clock the time that {@code strftime_now} tells
   * @throws TemplateException if the template refuses the variables or uses what is not supported
   */
  public String render(Map<String, ?> variables, Clock clock) {
    Scope globals = new Scope(null);
    globals.set("namespace", (Callable) Template::namespace);
    globals.set("dict", (Callable) Template::dict);
    globals.set("range", (Callable) Template::range);
    globals.set("raise_exception", (Callable) Template::raise);
    globals.set(
        "strftime_now",
        (Callable)
            (positional, named) ->
                DateText.format(
                    new Arguments("strftime_now()", positional, named).requireText(0, "format"),
                    clock));
    Scope scope = new Scope(globals);
    variables.forEach((name, value) -> scope.set(name, Values.from(value)));
    StringBuilder output = new StringBuilder();
    try {
      body.render(scope, output);
    } catch (StackOverflowError e) {
      throw new TemplateException("the template calls itself without an end");
    }
    return output.toString();
  }

  private static Object namespace(List<Object> positional, Map<String, Object> named) {
    return new Namespace(entries(positional, named));
  }

  private static Object dict(List<Object> positional, Map<String, Object> named) {
    return new LinkedHashMap<Object, Object>(entries(positional, named));
  }

  private static Map<String, Object> entries(List<Object> positional, Map<String, Object> named) {
    Map<String, Object> entries = new LinkedHashMap<>();
    for (Object value : positional) {
      if (!(value instanceof Map<?, ?> map)) {
        throw new TemplateException("expected a map, found a " + Values.type(value));
      }
      map.forEach((key, element) -> entries.put(Values.text(key), element));
    }
    entries.putAll(named);
    return entries;
  }

  private static Object range(List<Object> positional, Map<String, Object> named) {
    Arguments arguments = new Arguments("range()", positional, named);
    boolean onlyEnd = positional.size() < 2;
    long begin = onlyEnd ? 0 : arguments.whole(0, "start", 0);
    long end = arguments.whole(onlyEnd ? 0 : 1, "stop", 0);
    long step = arguments.whole(2, "step", 1);
    if (step == 0) {
      throw new TemplateException("range() needs a step other than 0");
    }
    List<Object> range = new ArrayList<>();
    for (long i = begin; step > 0 ? i < end : i > end; i += step) {
      if (range.size() == LONGEST_RANGE) {
        throw new TemplateException("range() gives at most " + LONGEST_RANGE + " numbers");
      }
      range.add(i);
    }
    return range;
  }

  private static Object raise(List<Object> positional, Map<String, Object> named) {
    Object message = new Arguments("raise_exception()", positional, named).require(0, "message");
    throw new TemplateException("the template refuses the messages: " + Values.text(message));
  }
}
