package io.github.moa4j.core.text.template;

import io.github.moa4j.core.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parses expressions. From loose to tight: {@code if else}, {@code or}, {@code and}, {@code not},
 * comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, signs, then calls, members,
 * filters and tests.
 */
final class ExpressionParser {

  private static final Set<String> SUMS = Set.of("+", "-");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between them, which make a list. */
  Expression listOrOne() {
    return list(true);
  }

  /** As {@link #listOrOne()}, without {@code if else}, whose words a loop needs for itself. */
  Expression loopElements() {
    return list(false);
  }

  private Expression list(boolean conditional) {
    int line = tokens.line();
    Expression first = conditional ? conditional() : or();
    if (!tokens.isOperator(",")) {
      return located(line, first);
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.takeOperator(",") && startsExpression()) {
      elements.add(conditional ? conditional() : or());
    }
    return located(line, scope -> values(elements, scope));
  }

  private boolean startsExpression() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !token.text().equals("in") && !token.text().equals("if");
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> Set.of("(", "[", "{", "-", "+").contains(token.text());
      default -> false;
    };
  }

  /** One expression, which may be {@code a if b else c}. */
  Expression one() {
    return located(tokens.line(), conditional());
  }

  /** One expression without {@code if else}. */
  Expression condition() {
    return located(tokens.line(), or());
  }

  private static Expression located(int line, Expression expression) {
    return scope -> {
      try {
        return expression.evaluate(scope);
      } catch (TemplateException e) {
        throw e.at(line);
      }
    };
  }

  private Expression conditional() {
    Expression value = or();
    while (tokens.takeName("if")) {
      Expression then = value;
      Expression condition = or();
      Expression otherwise =
          tokens.takeName("else") ? conditional() : scope -> new Undefined("the missing else");
      value =
          scope ->
              Values.isTrue(condition.evaluate(scope))
                  ? then.evaluate(scope)
                  : otherwise.evaluate(scope);
    }
    return value;
  }

  private Expression or() {
    Expression value = and();
    while (tokens.takeName("or")) {
      Expression left = value;
      Expression right = and();
      value =
          scope -> {
            Object first = left.evaluate(scope);
            return Values.isTrue(first) ? first : right.evaluate(scope);
          };
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (tokens.takeName("and")) {
      Expression left = value;
      Expression right = not();
      value =
          scope -> {
            Object first = left.evaluate(scope);
            return Values.isTrue(first) ? right.evaluate(scope) : first;
          };
    }
    return value;
  }

  private Expression not() {
    if (tokens.takeName("not")) {
      Expression value = not();
      return scope -> !Values.isTrue(value.evaluate(scope));
    }
    return comparison();
  }

  private record Comparison(String operator, Expression operand) {}

  private Expression comparison() {
    Expression first = sum();
    List<Comparison> comparisons = new ArrayList<>();
    for (String operator = comparator(); operator != null; operator = comparator()) {
      comparisons.add(new Comparison(operator, sum()));
    }
    if (comparisons.isEmpty()) {
      return first;
    }
    return scope -> {
      Object left = first.evaluate(scope);
      for (Comparison comparison : comparisons) {
        Object right = comparison.operand().evaluate(scope);
        if (!holds(comparison.operator(), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    };
  }

  private String comparator() {
    for (String operator : List.of("==", "!=", "<", "<=", ">", ">=")) {
      if (tokens.takeOperator(operator)) {
        return operator;
      }
    }
    if (tokens.takeName("in")) {
      return "in";
    }
    if (tokens.isName("not") && tokens.peek(1).is(Kind.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> Values.equal(left, right);
      case "!=" -> !Values.equal(left, right);
      case "in" -> Values.contains(right, left);
      case "not in" -> !Values.contains(right, left);
      case "<" -> Values.compare(left, right) < 0;
      case "<=" -> Values.compare(left, right) <= 0;
      case ">" -> Values.compare(left, right) > 0;
      default -> Values.compare(left, right) >= 0;
    };
  }

  private Expression sum() {
    Expression value = concatenation();
    while (tokens.peek().kind() == Kind.OPERATOR && SUMS.contains(tokens.peek().text())) {
      value = binary(tokens.next().text(), value, concatenation());
    }
    return value;
  }

  private Expression concatenation() {
    Expression value = product();
    while (tokens.takeOperator("~")) {
      Expression left = value;
      Expression right = product();
      value = scope -> Values.text(left.evaluate(scope)) + Values.text(right.evaluate(scope));
    }
    return value;
  }

  private Expression product() {
    Expression value = power();
    while (tokens.peek().kind() == Kind.OPERATOR && PRODUCTS.contains(tokens.peek().text())) {
      value = binary(tokens.next().text(), value, power());
    }
    return value;
  }

  private Expression power() {
    Expression value = signed(true);
    while (tokens.takeOperator("**")) {
      value = binary("**", value, signed(true));
    }
    return value;
  }

  private static Expression binary(String operator, Expression left, Expression right) {
    return scope -> Arithmetic.apply(operator, left.evaluate(scope), right.evaluate(scope));
  }

  private Expression signed(boolean withFilters) {
    Expression value;
    if (tokens.takeOperator("-")) {
      Expression operand = signed(false);
      value = scope -> Arithmetic.negate(operand.evaluate(scope));
    } else if (tokens.takeOperator("+")) {
      Expression operand = signed(false);
      value = scope -> Arithmetic.positive(operand.evaluate(scope));
    } else {
      value = members(primary());
    }
    return withFilters ? filters(value) : value;
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
          return scope -> values(elements, scope);
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
    Expression value = listOrOne();
    tokens.expectOperator(")");
    return value;
  }

  private List<Expression> elements(String end) {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.takeOperator(end)) {
      elements.add(conditional());
      if (!tokens.isOperator(end)) {
        tokens.expectOperator(",");
      }
    }
    return elements;
  }

  private Expression map() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.takeOperator("}")) {
      Expression key = conditional();
      tokens.expectOperator(":");
      entries.put(key, conditional());
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

  private static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    expressions.forEach(expression -> values.add(expression.evaluate(scope)));
    return values;
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
    Expression from = tokens.isOperator(":") ? constant(null) : conditional();
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
    return tokens.isOperator(":") || tokens.isOperator("]") ? constant(null) : conditional();
  }

  private Expression call(Expression callee) {
    ArgumentList arguments = arguments();
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

  private record ArgumentList(List<Expression> positions, Map<String, Expression> names) {

    List<Object> positional(Scope scope) {
      return values(positions, scope);
    }

    Map<String, Object> named(Scope scope) {
      Map<String, Object> values = new LinkedHashMap<>();
      names.forEach((name, value) -> values.put(name, value.evaluate(scope)));
      return values;
    }
  }

  private ArgumentList arguments() {
    ArgumentList arguments = new ArgumentList(new ArrayList<>(), new LinkedHashMap<>());
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.peek(1).is(Kind.OPERATOR, "=")) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        arguments.names().put(name, conditional());
      } else if (arguments.names().isEmpty()) {
        arguments.positions().add(conditional());
      } else {
        throw tokens.unexpected("an argument by name");
      }
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return arguments;
  }

  private Expression filters(Expression value) {
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
    ArgumentList arguments =
        tokens.isOperator("(") ? arguments() : new ArgumentList(List.of(), Map.of());
    return scope ->
        Filters.apply(
            name, value.evaluate(scope), arguments.positional(scope), arguments.named(scope));
  }

  private Expression test(Expression value) {
    boolean negated = tokens.takeName("not");
    String name = tokens.expectName();
    List<Expression> arguments = new ArrayList<>();
    if (tokens.isOperator("(")) {
      arguments.addAll(arguments().positions());
    } else if (startsTestArgument()) {
      arguments.add(members(primary()));
    }
    return scope ->
        Conditions.test(name, value.evaluate(scope), values(arguments, scope)) != negated;
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
