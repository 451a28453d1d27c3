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

  private static Long integer(Token token) {
    try {
      return Long.valueOf(token.text().replace("_", ""));
    } catch (NumberFormatException e) {
      throw TemplateException.syntax(token.line(), "the number " + token.text() + " is too large");
    }
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(null);
      default -> scope -> scope.get(name);
    };
  }

  private Expression parenthesis() {
    if (tokens.takeOperator(")")) {
      return constant(List.of());
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
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.takeOperator("}")) {
      Expression key = expressions.conditional();
      tokens.expectOperator(":");
      entries.put(key, expressions.conditional());
      if (!tokens.isOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      entries.forEach((key, value) -> map.put(key.evaluate(scope), value.evaluate(scope)));
      return map;
    };
  }

  private Expression members(Expression value) {
    Expression member = value;
    while (true) {
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
      Long index = integer(tokens.next());
      return scope -> Members.element(value.evaluate(scope), index);
    }
    String name = tokens.expectName();
    return scope -> Members.attribute(value.evaluate(scope), name);
  }

  private Expression element(Expression value) {
    Expression from = tokens.isOperator(":") ? constant(null) : expressions.conditional();
    if (tokens.takeOperator("]")) {
      return scope -> Members.element(value.evaluate(scope), from.evaluate(scope));
    }
    tokens.expectOperator(":");
    Expression to = sliceBound();
    Expression step = tokens.takeOperator(":") ? sliceBound() : constant(null);
    tokens.expectOperator("]");
    return scope ->
        Members.slice(
            value.evaluate(scope), from.evaluate(scope), to.evaluate(scope), step.evaluate(scope));
  }

  private Expression sliceBound() {
    return tokens.isOperator(":") || tokens.isOperator("]")
        ? constant(null)
        : expressions.conditional();
  }

  private Expression call(Expression callee) {
    ArgumentList arguments = ArgumentList.parse(tokens, expressions);
    return scope -> {
      Object function = callee.evaluate(scope);
      if (function instanceof Undefined undefined) {
        throw undefined.error();
      }
      if (!(function instanceof Callable callable)) {
        throw new TemplateException("a " + Values.type(function) + " cannot be called");
      }
      return callable.call(arguments.positional(scope), arguments.named(scope));
    };
  }

  /** A value with the filters, tests and calls behind it. */
  Expression filters(Expression value) {
    Expression filtered = value;
    while (true) {
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
    while (tokens.isOperator("|")) {
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
    return scope ->
        Filters.apply(
            name, value.evaluate(scope), arguments.positional(scope), arguments.named(scope));
  }

  private Expression test(Expression value) {
    boolean negated = tokens.takeName("not");
    String name = tokens.expectName();
    List<Expression> arguments = new ArrayList<>();
    if (tokens.isOperator("(")) {
      arguments.addAll(ArgumentList.parse(tokens, expressions).positions());
    } else if (startsTestArgument()) {
      arguments.add(members(primary()));
    }
    return scope ->
        Conditions.test(name, value.evaluate(scope), ArgumentList.values(arguments, scope))
            != negated;
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
