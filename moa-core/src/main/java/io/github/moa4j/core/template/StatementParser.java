package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Statement.Flow;
import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses text, {@code {{ }}} and the tags {@code {% %}}. */
final class StatementParser {

  private static final String LOOP = "loop";

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops; // open loops around the current tag

  StatementParser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  Statement template() {
    Statement body = body(Set.of());
    if (tokens.peek().kind() != Kind.END) {
      throw tokens.unexpected("the end of the template");
    }
    return body;
  }

  /** Statements up to a tag of one of these names, which stays; up to the end without names. */
  private Statement body(Set<String> ends) {
    int line = tokens.line();
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      switch (token.kind()) {
        case TEXT -> statements.add(text(tokens.next().text()));
        case PRINT_BEGIN -> statements.add(located(token.line(), print()));
        case BLOCK_BEGIN -> {
          if (ends.contains(tokens.peek(1).text())) {
            tokens.next();
            return sequence(statements);
          }
          statements.add(located(token.line(), tag()));
        }
        default -> {
          if (!ends.isEmpty()) {
            throw TemplateException.syntax(
                line, "the tag before has no end; expected one of " + ends);
          }
          return sequence(statements);
        }
      }
    }
  }

  private static Statement sequence(List<Statement> statements) {
    List<Statement> all = List.copyOf(statements);
    return (scope, output) -> {
      for (Statement statement : all) {
        Flow flow = statement.render(scope, output);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    };
  }

  private static Statement located(int line, Statement statement) {
    return (scope, output) -> {
      try {
        return statement.render(scope, output);
      } catch (TemplateException e) {
        throw e.at(line);
      }
    };
  }

  private static Statement text(String text) {
    return (scope, output) -> {
      output.append(text);
      return Flow.NEXT;
    };
  }

  private Statement print() {
    tokens.expect(Kind.PRINT_BEGIN);
    Expression value = expressions.listOrOne();
    tokens.expect(Kind.PRINT_END);
    return (scope, output) -> {
      output.append(Values.text(value.evaluate(scope)));
      return Flow.NEXT;
    };
  }

  private Statement tag() {
    tokens.expect(Kind.BLOCK_BEGIN);
    int line = tokens.line();
    String name = tokens.expectName();
    return switch (name) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "with" -> with();
      case "filter" -> filter();
      case "generation" -> generation();
      case "break" -> leave(line, name, Flow.BREAK);
      case "continue" -> leave(line, name, Flow.CONTINUE);
      default ->
          throw TemplateException.syntax(line, "the tag '" + name + "' is not supported here");
    };
  }

  /** The body of a tag and its end, {@code {% endNAME %}}. */
  private Statement bodyUpTo(String end) {
    Statement body = body(Set.of(end));
    tokens.expectWord(end);
    tokens.expect(Kind.BLOCK_END);
    return body;
  }

  private Statement condition() {
    Expression condition = expressions.listOrOne();
    tokens.expect(Kind.BLOCK_END);
    Statement then = body(Set.of("elif", "else", "endif"));
    Statement otherwise = sequence(List.of());
    if (tokens.takeName("elif")) {
      otherwise = condition();
    } else if (tokens.takeName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = bodyUpTo("endif");
    } else {
      tokens.expectWord("endif");
      tokens.expect(Kind.BLOCK_END);
    }
    Statement orElse = otherwise;
    return (scope, output) ->
        Values.isTrue(condition.evaluate(scope))
            ? then.render(scope, output)
            : orElse.render(scope, output);
  }

  private Statement loop() {
    Target target = Target.parse(tokens, false);
    tokens.expectWord("in");
    Expression elements = expressions.loopElements();
    Expression filter = tokens.takeName("if") ? expressions.condition() : null;
    if (tokens.isName("recursive")) {
      throw TemplateException.syntax(tokens.line(), "recursive loops are not supported");
    }
    tokens.expect(Kind.BLOCK_END);
    loops++;
    Statement body = body(Set.of("else", "endfor"));
    loops--;
    Statement otherwise = sequence(List.of());
    if (tokens.takeName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = bodyUpTo("endfor");
    } else {
      tokens.expectWord("endfor");
      tokens.expect(Kind.BLOCK_END);
    }
    Statement orElse = otherwise;
    return (scope, output) -> {
      List<Object> all = Values.elements(elements.evaluate(scope));
      List<Object> chosen = filter == null ? all : chosen(all, target, filter, scope);
      return chosen.isEmpty()
          ? orElse.render(new Scope(scope), output)
          : turns(chosen, target, body, scope, output);
    };
  }

  private static List<Object> chosen(
      List<Object> elements, Target target, Expression filter, Scope outer) {
    List<Object> chosen = new ArrayList<>();
    for (Object element : elements) {
      Scope scope = new Scope(outer);
      target.assign(element, scope);
      if (Values.isTrue(filter.evaluate(scope))) {
        chosen.add(element);
      }
    }
    return chosen;
  }

  private static Flow turns(
      List<Object> elements, Target target, Statement body, Scope outer, StringBuilder output) {
    int depth = outer.get(LOOP) instanceof Loop around ? around.depth() + 1 : 0;
    Loop loop = new Loop(elements, depth);
    for (int i = 0; i < elements.size(); i++) {
      loop.moveTo(i);
      Scope scope = new Scope(outer);
      scope.set(LOOP, loop);
      target.assign(elements.get(i), scope);
      if (body.render(scope, output) == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  private Statement leave(int line, String name, Flow flow) {
    tokens.expect(Kind.BLOCK_END);
    if (loops == 0) {
      throw TemplateException.syntax(line, "'" + name + "' stands outside of a loop");
    }
    return (scope, output) -> flow;
  }

  private Statement set() {
    Target target = Target.parse(tokens, true);
    Expression value;
    if (tokens.takeOperator("=")) {
      value = expressions.listOrOne();
      tokens.expect(Kind.BLOCK_END);
    } else {
      Captured captured = new Captured();
      Expression filtered = expressions.filterChain(captured.text(), false);
      tokens.expect(Kind.BLOCK_END);
      value = captured.in(bodyUpTo("endset"), filtered);
    }
    return (scope, output) -> {
      target.assign(value.evaluate(scope), scope);
      return Flow.NEXT;
    };
  }

  private Statement filter() {
    Captured captured = new Captured();
    Expression filtered = expressions.filterChain(captured.text(), true);
    tokens.expect(Kind.BLOCK_END);
    Expression value = captured.in(bodyUpTo("endfilter"), filtered);
    return (scope, output) -> {
      output.append(Values.text(value.evaluate(scope)));
      return Flow.NEXT;
    };
  }

  /** The text of a tag's body as the input of a chain of filters. */
  private static final class Captured {

    private static final String NAME = " body"; // no name in a template has a space

    Expression text() {
      return scope -> scope.get(NAME);
    }

    Expression in(Statement body, Expression filtered) {
      return outer -> {
        Scope scope = new Scope(outer);
        StringBuilder text = new StringBuilder();
        body.render(scope, text);
        scope.set(NAME, text.toString());
        return filtered.evaluate(scope);
      };
    }
  }

  private Statement macro() {
    String name = tokens.expectName();
    List<Macro.Parameter> parameters = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      String parameter = tokens.expectName();
      Expression missing = tokens.takeOperator("=") ? expressions.one() : null;
      parameters.add(new Macro.Parameter(parameter, missing));
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    tokens.expect(Kind.BLOCK_END);
    int around = loops;
    loops = 0;
    Statement body = bodyUpTo("endmacro");
    loops = around;
    return (scope, output) -> {
      scope.set(name, new Macro(name, List.copyOf(parameters), body, scope));
      return Flow.NEXT;
    };
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      targets.add(Target.parse(tokens, false));
      tokens.expectOperator("=");
      values.add(expressions.one());
      if (tokens.peek().kind() != Kind.BLOCK_END) {
        tokens.expectOperator(",");
      }
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = bodyUpTo("endwith");
    return (outer, output) -> {
      Scope scope = new Scope(outer);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(values.get(i).evaluate(outer), scope);
      }
      return body.render(scope, output);
    };
  }

  /** Marks what an assistant says; only the text counts here. */
  private Statement generation() {
    tokens.expect(Kind.BLOCK_END);
    return bodyUpTo("endgeneration");
  }
}
