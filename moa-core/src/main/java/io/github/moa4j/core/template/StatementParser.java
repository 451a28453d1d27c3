package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Statement.Flow;
import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses text, {@code {{ }}} and the tags {@code {% %}}. */
final class StatementParser {

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
      write(text, scope, output);
      return Flow.NEXT;
    };
  }

  private static void write(String text, Scope scope, StringBuilder output) {
    scope.budget().text(text.length());
    output.append(text);
  }

  private Statement print() {
    tokens.expect(Kind.PRINT_BEGIN);
    Expression value = expressions.listOrOne();
    tokens.expect(Kind.PRINT_END);
    return (scope, output) -> {
      write(Values.text(value.evaluate(scope), scope.budget()), scope, output);
      return Flow.NEXT;
    };
  }

  private Statement printTag() {
    List<Expression> values = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      values.add(expressions.one());
      if (tokens.peek().kind() != Kind.BLOCK_END) {
        tokens.expectOperator(",");
      }
    }
    tokens.expect(Kind.BLOCK_END);
    return (scope, output) -> {
      for (Expression value : values) {
        write(Values.text(value.evaluate(scope), scope.budget()), scope, output);
      }
      return Flow.NEXT;
    };
  }

  private Statement tag() {
    tokens.expect(Kind.BLOCK_BEGIN);
    int line = tokens.line();
    String name = tokens.expectName();
    tokens.enter();
    Statement tag = tag(name, line);
    tokens.leave();
    return tag;
  }

  private Statement tag(String name, int line) {
    return switch (name) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "call" -> call();
      case "with" -> with();
      case "filter" -> filter();
      case "generation" -> generation();
      case "print" -> printTag();
      case "break" -> leave(line, name, Flow.BREAK);
      case "continue" -> leave(line, name, Flow.CONTINUE);
      default ->
          throw TemplateException.syntax(
              line, "the tag '" + TemplateException.quote(name) + "' is not supported here");
    };
  }

  /** The body of a tag and its end, {@code {% endNAME %}}. */
  private Statement bodyUpTo(String end) {
    Statement body = body(Set.of(end));
    tokens.expectWord(end);
    tokens.expect(Kind.BLOCK_END);
    return body;
  }

  private record Branch(Expression condition, Statement body) {}

  private Statement condition() {
    List<Branch> branches = new ArrayList<>();
    do {
      Expression condition = expressions.listOrOne();
      tokens.expect(Kind.BLOCK_END);
      branches.add(new Branch(condition, body(Set.of("elif", "else", "endif"))));
    } while (tokens.takeName("elif"));
    Statement otherwise = otherwise("endif");
    return (scope, output) -> {
      for (Branch branch : branches) {
        scope.budget().step();
        if (Values.isTrue(branch.condition().evaluate(scope))) {
          return branch.body().render(scope, output);
        }
      }
      return otherwise.render(scope, output);
    };
  }

  /** The body behind {@code {% else %}}, empty if there is none, up to the end of the tag. */
  private Statement otherwise(String end) {
    if (tokens.takeName("else")) {
      tokens.expect(Kind.BLOCK_END);
      return bodyUpTo(end);
    }
    tokens.expectWord(end);
    tokens.expect(Kind.BLOCK_END);
    return sequence(List.of());
  }

  private Statement loop() {
    Target target = Target.parse(tokens, false);
    tokens.expectWord("in");
    Expression elements = expressions.loopElements();
    Expression filter = tokens.takeName("if") ? expressions.condition() : null;
    boolean recursive = tokens.takeName("recursive");
    tokens.expect(Kind.BLOCK_END);
    loops++;
    Statement body = body(Set.of("else", "endfor"));
    loops--;
    return new ForLoop(target, elements, filter, recursive, body, otherwise("endfor"));
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
      write(Values.text(value.evaluate(scope), scope.budget()), scope, output);
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
        Scope scope = outer.inner();
        StringBuilder text = new StringBuilder();
        body.render(scope, text);
        scope.set(NAME, text.toString());
        return filtered.evaluate(scope);
      };
    }
  }

  private Statement macro() {
    String name = tokens.expectName();
    Macro.Definition definition = definition(name, parameters(), "endmacro");
    return (scope, output) -> {
      scope.budget().steps(10);
      scope.set(name, new Macro(definition, scope));
      return Flow.NEXT;
    };
  }

  private List<Macro.Parameter> parameters() {
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
    return List.copyOf(parameters);
  }

  /** The rest of a tag whose body is a macro's. */
  private Macro.Definition definition(String name, List<Macro.Parameter> parameters, String end) {
    tokens.expect(Kind.BLOCK_END);
    int around = loops;
    loops = 0;
    Set<String> before = tokens.collectNames();
    Statement body = bodyUpTo(end);
    Set<String> further = tokens.collected(before);
    further.retainAll(Set.of(Macro.POSITIONAL, Macro.NAMED, Macro.CALLER));
    parameters.forEach(parameter -> further.remove(parameter.name()));
    loops = around;
    return new Macro.Definition(name, parameters, body, Set.copyOf(further));
  }

  /** A call of a macro that hands the tag's body to it as the macro {@code caller}. */
  private Statement call() {
    List<Macro.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
    if (!(expressions.conditional() instanceof CallExpression macro)) {
      throw TemplateException.syntax(tokens.line(), "the tag 'call' needs the call of a macro");
    }
    Macro.Definition definition = definition(null, parameters, "endcall");
    return (scope, output) -> {
      Object text = macro.evaluateWith(Macro.CALLER, new Macro(definition, scope), scope);
      write(Values.text(text, scope.budget()), scope, output);
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
      Scope scope = outer.inner();
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(values.get(i).evaluate(outer), scope);
      }
      return body.render(scope, output);
    };
  }

  /** Marks what an assistant says; only the text counts here, and that it has a scope. */
  private Statement generation() {
    tokens.expect(Kind.BLOCK_END);
    Statement body = bodyUpTo("endgeneration");
    return (scope, output) -> body.render(scope.inner(), output);
  }
}
