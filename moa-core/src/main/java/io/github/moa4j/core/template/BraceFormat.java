package io.github.moa4j.core.template;

/** {@code format.format(values)}: Python's newer way to put values into a text. */
final class BraceFormat {

  private final Call call;
  private final Budget budget;
  private int nextPosition; // of the fields without a name or number; negative once one has any

  private BraceFormat(Call call) {
    this.call = call;
    this.budget = call.budget();
  }

  static String format(String format, Call call) {
    return new BraceFormat(call).expand(format, 2);
  }

  /** The text with its fields filled in; fields may stand within others {@code levels} deep. */
  private String expand(String format, int levels) {
    if (levels == 0) {
      throw new TemplateException("format(): fields stand too deep within one another");
    }
    budget.text(format.length());
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      if (c != '{' && c != '}') {
        text.append(c);
        i++;
      } else if (format.startsWith(c + "" + c, i) && levels == 2) {
        text.append(c);
        i += 2;
      } else if (c == '}') {
        throw new TemplateException("format(): a single '}'");
      } else {
        int end = end(format, i);
        text.append(field(format.substring(i + 1, end), levels));
        i = end + 1;
      }
    }
    return text.toString();
  }

  private static int end(String format, int begin) {
    int open = 0;
    for (int i = begin; i < format.length(); i++) {
      open += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return i;
      }
    }
    throw new TemplateException("format(): a '{' has no '}'");
  }

  private String field(String field, int levels) {
    budget.step();
    int nameEnd = nameEnd(field);
    String rest = field.substring(nameEnd);
    Object value = value(field.substring(0, nameEnd));
    if (rest.startsWith("!")) {
      if (rest.length() < 2 || "rsa".indexOf(rest.charAt(1)) < 0 || !isEmptyOrSpec(rest)) {
        throw new TemplateException("format(): expected '!r' or '!s' and ':' behind it");
      }
      value = rest.charAt(1) == 's' ? Values.text(value, budget) : Literal.of(value, budget);
      rest = rest.substring(2);
    }
    String spec = rest.isEmpty() ? "" : rest.substring(1);
    return FormatSpec.format(value, spec.isEmpty() ? spec : expand(spec, levels - 1), budget);
  }

  private static boolean isEmptyOrSpec(String rest) {
    return rest.length() == 2 || rest.charAt(2) == ':';
  }

  private static int nameEnd(String field) {
    boolean inBrackets = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      inBrackets = c == '[' || (inBrackets && c != ']');
      if (!inBrackets && (c == '!' || c == ':')) {
        return i;
      }
    }
    return field.length();
  }

  private Object value(String name) {
    int i = 0;
    while (i < name.length() && name.charAt(i) != '.' && name.charAt(i) != '[') {
      i++;
    }
    Object value = argument(name.substring(0, i));
    while (i < name.length()) {
      boolean bracket = name.charAt(i) == '[';
      int end = bracket ? name.indexOf(']', i) : attributeEnd(name, i + 1);
      if (end < 0 || end == i + 1) {
        throw new TemplateException("format(): an empty name within a field");
      }
      String key = name.substring(i + 1, end);
      boolean index = bracket && key.chars().allMatch(c -> c >= '0' && c <= '9');
      value =
          bracket
              ? Members.element(value, index ? (Object) NumberFormat.length(key) : key, budget)
              : Members.attribute(value, key, budget);
      i = bracket ? end + 1 : end;
    }
    return value;
  }

  private static int attributeEnd(String name, int from) {
    int end = from;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    return end;
  }

  private Object argument(String name) {
    boolean number = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    if (name.isEmpty() || number) {
      long position = number ? NumberFormat.length(name) : nextPosition;
      if (number ? nextPosition > 0 : nextPosition < 0) {
        throw new TemplateException("format(): fields with and without numbers");
      }
      nextPosition = number ? -1 : nextPosition + 1;
      if (position >= call.positional().size()) {
        throw new TemplateException("format(): there is no value " + position);
      }
      return call.positional().get((int) position);
    }
    if (!call.named().containsKey(name)) {
      throw new TemplateException(
          "format(): there is no value '" + TemplateException.quote(name) + "'");
    }
    return call.named().get(name);
  }
}
