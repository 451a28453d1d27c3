package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses what operators stand between: constants, names, members, calls, filters and tests. */
final class OperandParser {

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  OperandParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** An operand with its members and calls. */
  Expression operand() {
    return members(primary());
  }

  private Expression primary() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NAME -> {
        tokens.next();
        return name(token.text());
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        return constant(text.toString());
      }
      case INTEGER -> {
        return constant(integer(tokens.next()));
      }
      case FLOAT -> {
        return constant(Double.valueOf(tokens.next().text().replace("_", "")));
      }
      default -> {
        if (tokens.takeOperator("(")) {
          return parenthesis();
        }
        if (tokens.takeOperator("[")) {
          List<Expression> elements = elements("]");
          return scope -> ArgumentList.values(elements, scope);
        }
        if (tokens.takeOperator("{")) {
          return map();
        }
        throw tokens.unexpected("an expression");
      }
    }
  }

  private static Object integer(Token token) {
    String text = token.text();
    boolean zeroFirst = text.matches("0[0-9_]*[1-9][0-9_]*");
    try {
      Object number = zeroFirst ? null : Numbers.parseWhole(text, 0);
      if (number == null) {
        throw new TemplateException("'" + TemplateException.quote(text) + "' is no whole number");
      }
      return number;
    } catch (TemplateException e) {
      throw e.at(token.line());
    }
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  /** Whether a name is that of a constant. */
  static boolean isConstant(String name) {
    return Set.of("true", "True", "false", "False", "none", "None").contains(name);
  }

  private Expression name(String name) {
    tokens.read(name);
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(null);
      default -> scope -> scope.get(name);
    };
  }

  private Expression parenthesis() {
    if (tokens.takeOperator(")")) {
      return constant(Tuple.of());
    }
    Expression value = expressions.listOrOne();
    tokens.expectOperator(")");
    return value;
  }

  private List<Expression> elements(String end) {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.takeOperator(end)) {
      elements.add(expressions.conditional());
      if (!tokens.isOperator(end)) {
        tokens.expectOperator(",");
      }
    }
    return elements;
  }

  private Expression map() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.takeOperator("}")) {
      keys.add(expressions.conditional());
      tokens.expectOperator(":");
      values.add(expressions.conditional());
      if (!tokens.isOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      scope.budget().elements(2L * keys.size());
      for (int i = 0; i < keys.size(); i++) {
        Object key = keys.get(i).evaluate(scope);
        Keys.put(map, key, values.get(i).evaluate(scope), scope.budget());
      }
      return map;
    };
  }

  private Expression members(Expression value) {
    Expression member = value;
    for (int chain = 0; true; chain++) {
      expressions.requireShort(chain);
      if (tokens.takeOperator(".")) {
        member = attribute(member);
      } else if (tokens.takeOperator("[")) {
        member = element(member);
      } else if (tokens.isOperator("(")) {
        member = call(member);
      } else {
        return member;
      }
    }
  }

  private Expression attribute(Expression value) {
    if (tokens.peek().kind() == Kind.INTEGER) {
      Object index = integer(tokens.next());
      return scope -> Members.element(value.evaluate(scope), index, scope.budget());
    }
    String name = tokens.expectName();
    return scope -> Members.attribute(value.evaluate(scope), name, scope.budget());
  }

  private Expression element(Expression value) {
    Expression from = tokens.isOperator(":") ? constant(null) : expressions.conditional();
    if (tokens.takeOperator("]")) {
      return scope -> Members.element(value.evaluate(scope), from.evaluate(scope), scope.budget());
    }
    tokens.expectOperator(":");
    Expression to = sliceBound();
    Expression step = tokens.takeOperator(":") ? sliceBound() : constant(null);
    tokens.expectOperator("]");
    return scope ->
        Members.slice(
            value.evaluate(scope),
            from.evaluate(scope),
            to.evaluate(scope),
            step.evaluate(scope),
            scope.budget());
  }

  private Expression sliceBound() {
    return tokens.isOperator(":") || tokens.isOperator("]")
        ? constant(null)
        : expressions.conditional();
  }

  private Expression call(Expression callee) {
    return new CallExpression(callee, ArgumentList.parse(tokens, expressions));
  }

  /** A value with the filters, tests and calls behind it. */
  Expression filters(Expression value) {
    Expression filtered = value;
    for (int chain = 0; true; chain++) {
      expressions.requireShort(chain);
      if (tokens.isOperator("|")) {
        filtered = filter(filtered);
      } else if (tokens.takeName("is")) {
        filtered = test(filtered);
      } else if (tokens.isOperator("(")) {
        filtered = call(filtered);
      } else {
        return filtered;
      }
    }
  }

  /** The filters behind a value that comes from elsewhere, such as the body of a block. */
  Expression filterChain(Expression value, boolean nameFirst) {
    Expression filtered = nameFirst ? namedFilter(value) : value;
    for (int chain = 0; tokens.isOperator("|"); chain++) {
      expressions.requireShort(chain);
      filtered = filter(filtered);
    }
    return filtered;
  }

  private Expression filter(Expression value) {
    tokens.expectOperator("|");
    return namedFilter(value);
  }

  private Expression namedFilter(Expression value) {
    String name = tokens.expectName();
    ArgumentList arguments = ArgumentList.parseIfAny(tokens, expressions);
    return scope -> Filters.apply(name, value.evaluate(scope), arguments.evaluate(scope));
  }

  private Expression test(Expression value) {
    boolean negated = tokens.takeName("not");
    String name = tokens.expectName();
    ArgumentList arguments =
        startsTestArgument()
            ? ArgumentList.of(List.of(members(primary())))
            : ArgumentList.parseIfAny(tokens, expressions);
    return scope ->
        Conditions.test(name, value.evaluate(scope), arguments.evaluate(scope)) != negated;
  }

  private boolean startsTestArgument() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }
}
