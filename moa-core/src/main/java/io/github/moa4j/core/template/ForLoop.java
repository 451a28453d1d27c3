package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.List;

/**
 * The tag {@code for}.
 *
 * @param filter which elements to visit; null: all
 */
record ForLoop(
    Target target,
    Expression elements,
    Expression filter,
    boolean recursive,
    Statement body,
    Statement otherwise)
    implements Statement {

  private static final String LOOP = "loop";

  @Override
  public Flow render(Scope scope, StringBuilder output) {
    turns(elements.evaluate(scope), 0, scope, output);
    return Flow.NEXT;
  }

  /** Goes through elements, {@code depth} calls of a recursive loop within itself. */
  void turns(Object value, int depth, Scope outer, StringBuilder output) {
    List<Object> chosen = Values.elements(value, outer.budget());
    if (filter != null) {
      chosen = chosen(chosen, outer);
    }
    if (chosen.isEmpty()) {
      otherwise.render(outer.inner(), output);
      return;
    }
    Loop loop = new Loop(this, outer, chosen, depth);
    for (int i = 0; i < chosen.size(); i++) {
      outer.budget().steps(4);
      loop.moveTo(i);
      Scope scope = outer.inner();
      target.assign(chosen.get(i), scope);
      scope.set(LOOP, loop);
      if (body.render(scope, output) == Flow.BREAK) {
        return;
      }
    }
  }

  private List<Object> chosen(List<Object> elements, Scope outer) {
    List<Object> chosen = new ArrayList<>();
    for (Object element : elements) {
      outer.budget().steps(4);
      Scope scope = outer.inner();
      target.assign(element, scope);
      if (Values.isTrue(filter.evaluate(scope))) {
        chosen.add(element);
      }
    }
    return chosen;
  }
}
