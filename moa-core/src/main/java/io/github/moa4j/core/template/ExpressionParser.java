package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
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
  private final OperandParser operands;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.operands = new OperandParser(tokens, this);
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
    return located(line, scope -> ArgumentList.values(elements, scope));
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

  /** The filters behind a value that comes from elsewhere, such as the body of a tag. */
  Expression filterChain(Expression value, boolean nameFirst) {
    return operands.filterChain(value, nameFirst);
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

  /** One expression, whose errors the surrounding one locates. */
  Expression conditional() {
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
      value = operands.operand();
    }
    return withFilters ? operands.filters(value) : value;
  }
}
