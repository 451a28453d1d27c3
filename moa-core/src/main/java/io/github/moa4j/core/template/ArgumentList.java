package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parsed arguments of a call, by position and by name.
 *
 * @param elements gives further arguments by position, {@code *elements}; or null
 * @param entries gives further arguments by name, {@code **entries}; or null
 */
record ArgumentList(
    List<Expression> positions,
    Map<String, Expression> names,
    Expression elements,
    Expression entries) {

  static ArgumentList of(List<Expression> positions) {
    return new ArgumentList(positions, Map.of(), null, null);
  }

  /** The arguments in parentheses, or none where no parenthesis opens. */
  static ArgumentList parseIfAny(TokenStream tokens, ExpressionParser expressions) {
    return tokens.isOperator("(") ? parse(tokens, expressions) : of(List.of());
  }

  /** The arguments in parentheses. */
  static ArgumentList parse(TokenStream tokens, ExpressionParser expressions) {
    List<Expression> positions = new ArrayList<>();
    Map<String, Expression> names = new LinkedHashMap<>();
    Expression elements = null;
    Expression entries = null;
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      if (elements == null && entries == null && tokens.takeOperator("*")) {
        elements = expressions.conditional();
      } else if (entries == null && tokens.takeOperator("**")) {
        entries = expressions.conditional();
      } else if (entries == null
          && tokens.peek().kind() == Kind.NAME
          && tokens.peek(1).is(Kind.OPERATOR, "=")) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        names.put(name, expressions.conditional());
      } else if (names.isEmpty() && elements == null && entries == null) {
        positions.add(expressions.conditional());
      } else {
        throw tokens.unexpected("an argument by name");
      }
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return new ArgumentList(positions, names, elements, entries);
  }

  /** The call with the arguments' values. */
  Call evaluate(Scope scope) {
    Budget budget = scope.budget();
    List<Object> positional = positions.isEmpty() ? List.of() : values(positions, scope);
    if (elements != null) {
      positional = new ArrayList<>(positional);
      List<Object> further = Values.elements(elements.evaluate(scope), budget);
      budget.elements(further.size());
      positional.addAll(further);
    }
    if (names.isEmpty() && entries == null) {
      return new Call(positional, Map.of(), budget);
    }
    Map<String, Object> named = new LinkedHashMap<>();
    names.forEach((name, value) -> named.put(name, value.evaluate(scope)));
    if (entries != null) {
      putEntries(entries.evaluate(scope), named, budget);
    }
    return new Call(positional, named, budget);
  }

  private static void putEntries(Object entries, Map<String, Object> named, Budget budget) {
    if (!(entries instanceof Map<?, ?> map)) {
      throw new TemplateException("'**' needs a map, found a " + Values.type(entries));
    }
    budget.elements(2L * map.size());
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name) || named.containsKey(name)) {
            throw new TemplateException("'**' needs a map with names that are not given yet");
          }
          named.put(name, value);
        });
  }

  /** The values of expressions, in order. */
  static List<Object> values(List<Expression> expressions, Scope scope) {
    scope.budget().elements(expressions.size());
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(expression.evaluate(scope));
    }
    return values;
  }
}
