package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Parses expressions. From loose to tight: {@code if else}, {@code or}, {@code and}, {@code not},
 * comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, signs, then calls, members,
 * filters and tests.
 */
final class ExpressionParser {

  /** How many operators may follow one another; each is a step deeper when they are evaluated. */
  private static final int LONGEST_CHAIN = 1_000;

  private static final Set<String> SUMS = Set.of("+", "-");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
  private static final Set<String> POWERS = Set.of("**");

  private final TokenStream tokens;
  private final OperandParser operands;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.operands = new OperandParser(tokens, this);
  }

  /** An expression, or several with commas between them, which make a tuple. */
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
    return located(line, scope -> new Tuple(ArgumentList.values(elements, scope)));
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
    tokens.enter();
    Expression value = or();
    for (int chain = 0; tokens.takeName("if"); chain++) {
      requireShort(chain);
      Expression then = value;
      Expression condition = or();
      Expression otherwise =
          tokens.takeName("else")
              ? conditional()
              : scope -> new Undefined("an 'if' without 'else' has no value");
      value =
          scope ->
              Values.isTrue(condition.evaluate(scope))
                  ? then.evaluate(scope)
                  : otherwise.evaluate(scope);
    }
    tokens.leave();
    return value;
  }

  /** Refuses more operators in a row than evaluating them should take. */
  void requireShort(int chain) {
    if (chain > LONGEST_CHAIN) {
      throw TemplateException.syntax(
          tokens.line(), "an expression has more than " + LONGEST_CHAIN + " operators in a row");
    }
  }

  private Expression or() {
    return anyOf("or", this::and, true);
  }

  private Expression and() {
    return anyOf("and", this::not, false);
  }

  /** The first of several operands that decides, else the last. */
  private Expression anyOf(String word, Supplier<Expression> operand, boolean deciding) {
    Expression first = operand.get();
    if (!tokens.isName(word)) {
      return first;
    }
    List<Expression> operands = new ArrayList<>(List.of(first));
    while (tokens.takeName(word)) {
      operands.add(operand.get());
    }
    return scope -> {
      Object value = null;
      for (Expression next : operands) {
        scope.budget().step();
        value = next.evaluate(scope);
        if (Values.isTrue(value) == deciding) {
          return value;
        }
      }
      return value;
    };
  }

  private Expression not() {
    if (tokens.takeName("not")) {
      tokens.enter();
      Expression value = not();
      tokens.leave();
      return scope -> !Values.isTrue(value.evaluate(scope));
    }
    return comparison();
  }

  private record Compared(String operator, Expression operand) {}

  private Expression comparison() {
    Expression first = sum();
    List<Compared> comparisons = new ArrayList<>();
    for (String operator = comparator(); operator != null; operator = comparator()) {
      comparisons.add(new Compared(operator, sum()));
    }
    if (comparisons.isEmpty()) {
      return first;
    }
    return scope -> {
      Object left = first.evaluate(scope);
      for (Compared comparison : comparisons) {
        Object right = comparison.operand().evaluate(scope);
        if (!Comparison.holds(comparison.operator(), left, right, scope.budget())) {
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

  private Expression sum() {
    return chain(SUMS, this::concatenation);
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> operands = new ArrayList<>(List.of(first));
    while (tokens.takeOperator("~")) {
      operands.add(product());
    }
    return scope -> Text.join("", ArgumentList.values(operands, scope), scope.budget());
  }

  private Expression product() {
    return chain(PRODUCTS, this::power);
  }

  private Expression power() {
    return chain(POWERS, () -> signed(true));
  }

  private Expression chain(Set<String> operators, Supplier<Expression> operand) {
    Expression value = operand.get();
    for (int chain = 0;
        tokens.peek().kind() == Kind.OPERATOR && operators.contains(tokens.peek().text());
        chain++) {
      requireShort(chain);
      String operator = tokens.next().text();
      Expression left = value;
      Expression right = operand.get();
      value =
          scope ->
              Arithmetic.apply(
                  operator, left.evaluate(scope), right.evaluate(scope), scope.budget());
    }
    return value;
  }

  private Expression signed(boolean withFilters) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      tokens.enter();
      boolean negative = tokens.next().text().equals("-");
      Expression operand = signed(false);
      value =
          scope ->
              negative
                  ? Arithmetic.negate(operand.evaluate(scope), scope.budget())
                  : Arithmetic.positive(operand.evaluate(scope));
      tokens.leave();
    } else {
      value = operands.operand();
    }
    return withFilters ? operands.filters(value) : value;
  }
}
