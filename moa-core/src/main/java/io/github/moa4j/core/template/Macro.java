package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** A macro of a template: called like a function, it gives the text of its body. */
record Macro(String name, List<Parameter> parameters, Statement body, Scope definedIn)
    implements Callable {

  /** A parameter; the default is null if an argument is required or undefined. */
  record Parameter(String name, Expression missing) {}

  @Override
  public Object call(List<Object> positional, Map<String, Object> named) {
    if (positional.size() > parameters.size()) {
      throw new TemplateException(
          "the macro '"
              + name
              + "' takes "
              + parameters.size()
              + " arguments, found "
              + positional.size());
    }
    for (String argument : named.keySet()) {
      if (parameters.stream().noneMatch(parameter -> parameter.name().equals(argument))) {
        throw new TemplateException("the macro '" + name + "' has no argument '" + argument + "'");
      }
    }
    Arguments arguments = new Arguments(name, positional, named);
    Scope scope = new Scope(definedIn);
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      boolean given = i < positional.size() || named.containsKey(parameter.name());
      Object value =
          given
              ? arguments.get(i, parameter.name(), null)
              : parameter.missing() == null
                  ? new Undefined(parameter.name())
                  : parameter.missing().evaluate(scope);
      scope.set(parameter.name(), value);
    }
    StringBuilder text = new StringBuilder();
    body.render(scope, text);
    return text.toString();
  }
}
