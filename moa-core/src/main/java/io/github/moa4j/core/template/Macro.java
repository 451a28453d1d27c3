package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A macro of a template: called like a function, it gives the text of its body. */
record Macro(Definition definition, Scope definedIn) implements Callable, Attributes {

  /** A parameter; the default is null if an argument is undefined without one. */
  record Parameter(String name, Expression missing) {}

  /**
   * What a macro's tag says.
   *
   * @param name null for the body of a {@code call} tag
   * @param further which of {@code varargs}, {@code kwargs} and {@code caller} the body asks for
   */
  record Definition(String name, List<Parameter> parameters, Statement body, Set<String> further) {}

  static final String POSITIONAL = "varargs";
  static final String NAMED = "kwargs";
  static final String CALLER = "caller";

  String name() {
    return definition.name();
  }

  private String title() {
    return "the macro '" + (name() == null ? CALLER : TemplateException.quote(name())) + "'";
  }

  @Override
  public Object call(Call call) {
    call.budget().enter();
    call.budget().steps(10);
    Scope scope = definedIn.inner();
    Map<String, Object> named = new LinkedHashMap<>(call.named());
    bind(call.positional(), named, scope);
    bindFurther(call.positional(), named, scope);
    StringBuilder text = new StringBuilder();
    definition.body().render(scope, text);
    call.budget().leave();
    return text.toString();
  }

  private void bind(List<Object> positional, Map<String, Object> named, Scope scope) {
    List<Parameter> parameters = definition.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i).name();
      boolean isNamed = named.containsKey(name);
      if (i < positional.size() && isNamed) {
        throw new TemplateException(title() + " is given the argument '" + name + "' twice");
      }
      Object value =
          i < positional.size()
              ? positional.get(i)
              : isNamed
                  ? named.remove(name)
                  : parameters.get(i).missing() == null
                      ? new Undefined("the argument '" + name + "' was not given")
                      : parameters.get(i).missing().evaluate(scope);
      scope.set(name, value);
    }
  }

  /** Arguments beyond the parameters, where the body asks for them. */
  private void bindFurther(List<Object> positional, Map<String, Object> named, Scope scope) {
    int known = definition.parameters().size();
    if (definition.further().contains(CALLER)) {
      scope.set(
          CALLER,
          named.containsKey(CALLER) ? named.remove(CALLER) : new Undefined("no caller is defined"));
    }
    if (definition.further().contains(NAMED)) {
      scope.set(NAMED, named);
    } else if (!named.isEmpty()) {
      throw new TemplateException(
          title()
              + " has no argument '"
              + TemplateException.quote(named.keySet().iterator().next())
              + "'");
    }
    if (definition.further().contains(POSITIONAL)) {
      scope.set(
          POSITIONAL,
          new Tuple(
              new ArrayList<>(
                  positional.subList(Math.min(known, positional.size()), positional.size()))));
    } else if (positional.size() > known) {
      throw new TemplateException(
          title() + " takes " + known + " arguments, found " + positional.size());
    }
  }

  @Override
  public Object attribute(String name) {
    return switch (name) {
      case "name" -> name();
      case "arguments" ->
          new Tuple(
              new ArrayList<>(definition.parameters().stream().map(Parameter::name).toList()));
      case "catch_kwargs" -> definition.further().contains(NAMED);
      case "catch_varargs" -> definition.further().contains(POSITIONAL);
      case CALLER -> definition.further().contains(CALLER);
      default -> Undefined.member(this, name);
    };
  }
}
