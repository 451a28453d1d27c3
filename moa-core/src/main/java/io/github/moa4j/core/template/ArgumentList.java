package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parsed arguments of a call, by position and by name. */
record ArgumentList(List<Expression> positions, Map<String, Expression> names) {

  /** The arguments in parentheses, or none where no parenthesis opens. */
  static ArgumentList parseIfAny(TokenStream tokens, ExpressionParser expressions) {
    return tokens.isOperator("(")
        ? parse(tokens, expressions)
        : new ArgumentList(List.of(), Map.of());
  }

  /** The arguments in parentheses. */
  static ArgumentList parse(TokenStream tokens, ExpressionParser expressions) {
    ArgumentList arguments = new ArgumentList(new ArrayList<>(), new LinkedHashMap<>());
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.peek(1).is(Kind.OPERATOR, "=")) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        arguments.names().put(name, expressions.conditional());
      } else if (arguments.names().isEmpty()) {
        arguments.positions().add(expressions.conditional());
      } else {
        throw tokens.unexpected("an argument by name");
      }
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return arguments;
  }

  List<Object> positional(Scope scope) {
    return values(positions, scope);
  }

  Map<String, Object> named(Scope scope) {
    Map<String, Object> values = new LinkedHashMap<>();
    names.forEach((name, value) -> values.put(name, value.evaluate(scope)));
    return values;
  }

  /** The values of expressions, in order. */
  static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    expressions.forEach(expression -> values.add(expression.evaluate(scope)));
    return values;
  }
}
