package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** The text a value prints as, and has within a printed list or map: Python's {@code repr}. */
final class Literal {

  private final StringBuilder text = new StringBuilder();
  private final Budget budget;

  private Literal(Budget budget) {
    this.budget = budget;
  }

  static String of(Object value, Budget budget) {
    Literal literal = new Literal(budget);
    literal.write(value);
    return literal.text.toString();
  }

  private void write(Object value) {
    if (value == null) {
      append("None");
    } else if (value instanceof Boolean truth) {
      append(truth ? "True" : "False");
    } else if (value instanceof Double number) {
      budget.steps(200);
      append(Numbers.repr(number));
    } else if (value instanceof Number number) {
      budget.digits(Numbers.big(number).bitLength());
      append(number.toString());
    } else if (value instanceof String string) {
      quote(string);
    } else if (value instanceof List<?> list) {
      writeList(list);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map);
    } else if (value instanceof Undefined) {
      append("Undefined");
    } else if (value instanceof Namespace namespace) {
      append("<Namespace ");
      writeMap(namespace.values());
      append(">");
    } else if (value instanceof Macro macro) {
      append("<Macro ");
      write(macro.name());
      append(">");
    } else if (value instanceof Loop loop) {
      append("<LoopContext " + loop.attribute("index") + "/" + loop.length() + ">");
    } else {
      throw new TemplateException(
          "a "
              + Values.type(value)
              + " cannot be printed"
              + (value instanceof Generator ? "; 'list' makes a list of it" : ""));
    }
  }

  private void append(String piece) {
    budget.text(piece.length());
    text.append(piece);
  }

  private void writeList(List<?> list) {
    if (list instanceof Range) {
      append(list.toString());
    } else if (list instanceof View view) {
      append(view.name() + "([");
      writeElements(list);
      append("])");
    } else if (list instanceof Tuple) {
      append("(");
      writeElements(list);
      append(list.size() == 1 ? ",)" : ")");
    } else {
      append("[");
      writeElements(list);
      append("]");
    }
  }

  private void writeElements(List<?> list) {
    budget.enter();
    for (int i = 0; i < list.size(); i++) {
      append(i == 0 ? "" : ", ");
      write(list.get(i));
    }
    budget.leave();
  }

  private void writeMap(Map<?, ?> map) {
    budget.enter();
    append("{");
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      append(first ? "" : ", ");
      first = false;
      write(entry.getKey());
      append(": ");
      write(entry.getValue());
    }
    append("}");
    budget.leave();
  }

  private void quote(String string) {
    budget.text(2 + 2L * string.length());
    char quote = (string.contains("'") && !string.contains("\"")) ? '"' : '\'';
    text.append(quote);
    string
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                  if (c == quote) {
                    text.append('\\').append(quote);
                  } else if (Text.isPrintable(c)) {
                    text.appendCodePoint(c);
                  } else {
                    escape(c);
                  }
                }
              }
            });
    text.append(quote);
  }

  private void escape(int c) {
    budget.text(10);
    text.append(Text.escaped(c));
  }
}
