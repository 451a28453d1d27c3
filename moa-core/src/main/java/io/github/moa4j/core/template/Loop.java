package io.github.moa4j.core.template;

import java.util.List;

/** The variable {@code loop} within a loop; in a recursive one, a function that goes deeper. */
final class Loop implements Attributes, Callable {

  private final ForLoop loop;
  private final Scope outer;
  private final List<Object> elements;
  private final int depth;
  private int index;
  private List<Object> lastChecked; // the arguments of the last changed()

  Loop(ForLoop loop, Scope outer, List<Object> elements, int depth) {
    this.loop = loop;
    this.outer = outer;
    this.elements = elements;
    this.depth = depth;
  }

  void moveTo(int turn) {
    index = turn;
  }

  long length() {
    return elements.size();
  }

  @Override
  public Object call(Call call) {
    if (!loop.recursive()) {
      throw new TemplateException("a loop that is not 'recursive' cannot be called");
    }
    Arguments arguments = Arguments.of("loop", List.of("elements"), call);
    StringBuilder text = new StringBuilder();
    call.budget().enter();
    loop.turns(arguments.require(0), depth + 1, outer, text);
    call.budget().leave();
    return text.toString();
  }

  @Override
  public Object attribute(String name) {
    int last = elements.size() - 1;
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) elements.size() - index;
      case "revindex0" -> (long) last - index;
      case "first" -> index == 0;
      case "last" -> index == last;
      case "length" -> (long) elements.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index > 0 ? elements.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index < last ? elements.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> (Callable) call -> cycle(call.positional());
      case "changed" -> (Callable) this::changed;
      default -> Undefined.member(this, name);
    };
  }

  private Object cycle(List<Object> arguments) {
    if (arguments.isEmpty()) {
      throw new TemplateException("loop.cycle() needs values to go through");
    }
    return arguments.get(index % arguments.size());
  }

  private boolean changed(Call call) {
    List<Object> arguments = new Tuple(call.positional());
    boolean changed =
        lastChecked == null || !Comparison.equal(lastChecked, arguments, call.budget());
    lastChecked = arguments;
    return changed;
  }
}
