package io.github.moa4j.core.template;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The filters that make a text of a text. */
final class TextFilters {

  private TextFilters() {}

  /** The text of a value, paid for once more as it is copied. */
  static String copied(Object value, Arguments arguments) {
    String text = Values.text(value, arguments.budget());
    arguments.budget().text(2L * text.length());
    return text;
  }

  static Object escape(Object value, Arguments arguments) {
    String text = copied(value, arguments);
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      String entity =
          switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '\'' -> "&#39;";
            case '"' -> "&#34;";
            default -> null;
          };
      if (entity == null) {
        escaped.append(c);
      } else {
        arguments.budget().text(entity.length());
        escaped.append(entity);
      }
    }
    return escaped.toString();
  }

  /** Words begin behind white space, hyphens and opening brackets only. */
  static Object title(Object value, Arguments arguments) {
    String text = copied(value, arguments);
    StringBuilder title = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int begin = i;
      while (i < text.length()
          && separatesWords(text.charAt(i)) == separatesWords(text.charAt(begin))) {
        i++;
      }
      int first = text.offsetByCodePoints(begin, 1);
      title.append(Text.upper(text.substring(begin, first)));
      title.append(Text.lower(text.substring(first, i)));
    }
    return title.toString();
  }

  private static boolean separatesWords(char c) {
    return Text.isSpace(c) || "-({[<".indexOf(c) >= 0;
  }

  static Object trim(Object value, Arguments arguments) {
    String text = copied(value, arguments);
    String characters = arguments.text(0, null);
    arguments.budget().steps(characters == null ? 0 : characters.length());
    return Text.strip(text, characters);
  }

  static Object replace(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    String text = Values.text(value, budget);
    String old = Values.text(arguments.require(0), budget);
    String with = Values.text(arguments.require(1), budget);
    long count = arguments.get(2, null) == null ? -1 : arguments.whole(2, -1);
    return TextMethods.replace(text, old, with, count, arguments);
  }

  static Object indent(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    String indentation =
        arguments.get(0, null) instanceof String text
            ? text
            : (String) Arithmetic.apply("*", " ", arguments.whole(0, 4), budget);
    boolean blank = arguments.isTrue(2, false);
    if (!(value instanceof String source)) {
      throw value instanceof Undefined undefined
          ? undefined.error()
          : new TemplateException("indent() needs a text, found a " + Values.type(value));
    }
    StringBuilder indented = new StringBuilder();
    List<Object> lines = Text.lines(source + "\n", false, budget);
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      boolean indents = i > 0 ? blank || !line.isEmpty() : arguments.isTrue(1, false);
      budget.text(1L + line.length() + (indents ? indentation.length() : 0));
      indented.append(i > 0 ? "\n" : "").append(indents ? indentation : "").append(line);
    }
    return indented.toString();
  }

  static Object center(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    return Text.pad(Values.text(value, budget), arguments.whole(0, 80), ' ', 1, 1, budget);
  }

  static Object truncate(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    String text = Values.text(value, budget);
    long length = arguments.whole(0, 255);
    String end = arguments.text(2, "...");
    long leeway = arguments.get(3, null) == null ? 5 : arguments.whole(3, 5);
    if (length < Text.length(end) || leeway < 0) {
      throw new TemplateException("truncate() needs a length of at least that of its end");
    }
    if (Text.length(text) - leeway <= length) {
      return text;
    }
    int cut = text.offsetByCodePoints(0, (int) (length - Text.length(end)));
    String shortened = budget.made(text.substring(0, cut));
    int space = shortened.lastIndexOf(' ');
    return budget.made(
        (arguments.isTrue(1, false) || space < 0 ? shortened : shortened.substring(0, space))
            + end);
  }

  static Object wordCount(Object value, Arguments arguments) {
    long words = 0;
    boolean inWord = false;
    for (int c : copied(value, arguments).codePoints().toArray()) {
      boolean part = c == '_' || TextMethods.isWordPart(c);
      words += part && !inWord ? 1 : 0;
      inWord = part;
    }
    return words;
  }

  static Object urlEncode(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    if (value instanceof String || !Values.isIterable(value)) {
      return quoted(Values.text(value, budget), "/", budget);
    }
    List<Object> pairs =
        value instanceof Map<?, ?> map
            ? Methods.items(map, budget)
            : Values.elements(value, budget);
    List<Object> encoded = new ArrayList<>();
    for (Object pair : pairs) {
      List<Object> parts = Values.elements(pair, budget);
      if (parts.size() != 2) {
        throw new TemplateException("urlencode() needs pairs of a name and a value");
      }
      encoded.add(
          quoted(Values.text(parts.get(0), budget), "", budget).replace("%20", "+")
              + "="
              + quoted(Values.text(parts.get(1), budget), "", budget).replace("%20", "+"));
    }
    return Text.join("&", encoded, budget);
  }

  private static String quoted(String text, String safe, Budget budget) {
    budget.text(12L * text.length());
    StringBuilder quoted = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = b > 0 && (Character.isLetterOrDigit(b) || ("_.-~" + safe).indexOf(b) >= 0);
      quoted.append(plain ? String.valueOf((char) b) : String.format("%%%02X", b));
    }
    return quoted.toString();
  }

  static Object format(Object value, Arguments arguments) {
    Call call = arguments.call();
    if (!call.positional().isEmpty() && !call.named().isEmpty()) {
      throw new TemplateException("format() takes values by position or by name, not both");
    }
    Object values = call.named().isEmpty() ? new Tuple(call.positional()) : call.named();
    return PercentFormat.format(Values.text(value, call.budget()), values, call.budget());
  }
}
