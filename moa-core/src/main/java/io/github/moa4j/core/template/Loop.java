package io.github.moa4j.core.template;

import java.util.List;

/** The variable {@code loop} within a loop. */
final class Loop implements Attributes {

  private final List<Object> elements;
  private final int depth;
  private int index;
  private List<Object> lastChecked; // the arguments of the last changed()

  Loop(List<Object> elements, int depth) {
    this.elements = elements;
    this.depth = depth;
  }

  void moveTo(int turn) {
    index = turn;
  }

  int depth() {
    return depth;
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
      case "previtem" -> index > 0 ? elements.get(index - 1) : new Undefined("loop.previtem");
      case "nextitem" -> index < last ? elements.get(index + 1) : new Undefined("loop.nextitem");
      case "cycle" -> (Callable) (arguments, named) -> cycle(arguments);
      case "changed" -> (Callable) (arguments, named) -> changed(arguments);
      default -> new Undefined("loop." + name);
    };
  }

  private Object cycle(List<Object> arguments) {
    if (arguments.isEmpty()) {
      throw new TemplateException("loop.cycle() needs values to go through");
    }
    return arguments.get(index % arguments.size());
  }

  private boolean changed(List<Object> arguments) {
    boolean changed = lastChecked == null || !Values.equal(lastChecked, arguments);
    lastChecked = arguments;
    return changed;
  }
}
