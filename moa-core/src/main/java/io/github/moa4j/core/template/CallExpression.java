package io.github.moa4j.core.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** A call of what an expression gives. */
record CallExpression(Expression callee, ArgumentList arguments) implements Expression {

  @Override
  public Object evaluate(Scope scope) {
    return callable(scope).call(arguments.evaluate(scope));
  }

  /** The call with one more argument by name. */
  Object evaluateWith(String name, Object value, Scope scope) {
    Callable callable = callable(scope);
    Call call = arguments.evaluate(scope);
    Map<String, Object> named = new LinkedHashMap<>(call.named());
    if (named.put(name, value) != null) {
      throw new TemplateException("the argument '" + name + "' is given twice");
    }
    return callable.call(new Call(call.positional(), named, call.budget()));
  }

  private Callable callable(Scope scope) {
    scope.budget().step();
    Object function = callee.evaluate(scope);
    if (function instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (function instanceof Callable callable) {
      return callable;
    }
    throw new TemplateException("a " + Values.type(function) + " cannot be called");
  }
}
