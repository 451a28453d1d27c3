package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** What a value is assigned to: a name, an attribute of a namespace, or several names. */
sealed interface Target {

  void assign(Object value, Scope scope);

  /** What to assign to: names, in parentheses or not, or an attribute if {@code ofNamespace}. */
  static Target parse(TokenStream tokens, boolean ofNamespace) {
    tokens.enter();
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    do {
      if (tokens.takeOperator("(")) {
        targets.add(parse(tokens, false));
        tokens.expectOperator(")");
      } else {
        targets.add(parseOne(tokens, ofNamespace));
      }
      several |= tokens.isOperator(",");
    } while (tokens.takeOperator(",") && startsTarget(tokens));
    tokens.leave();
    return several ? new Several(List.copyOf(targets)) : targets.get(0);
  }

  private static boolean startsTarget(TokenStream tokens) {
    return tokens.isOperator("(") || (tokens.peek().kind() == Kind.NAME && !tokens.isName("in"));
  }

  private static Target parseOne(TokenStream tokens, boolean ofNamespace) {
    int line = tokens.line();
    String name = tokens.expectName();
    if (OperandParser.isConstant(name)) {
      throw TemplateException.syntax(line, "cannot assign to the constant '" + name + "'");
    }
    if (ofNamespace && tokens.takeOperator(".")) {
      return new Attribute(name, tokens.expectName());
    }
    return new Name(name);
  }

  record Name(String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      scope.set(name, value);
    }
  }

  record Attribute(String owner, String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      if (!(scope.get(owner) instanceof Namespace namespace)) {
        throw new TemplateException(
            "cannot set " + owner + "." + name + ": " + owner + " is no namespace()");
      }
      namespace.set(name, value);
    }
  }

  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      List<Object> values = Values.elements(value, scope.budget());
      if (values.size() != targets.size()) {
        throw new TemplateException(
            "cannot assign " + values.size() + " values to " + targets.size() + " names");
      }
      for (int i = 0; i < values.size(); i++) {
        targets.get(i).assign(values.get(i), scope);
      }
    }
  }
}
