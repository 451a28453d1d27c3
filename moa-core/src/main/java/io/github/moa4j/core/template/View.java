package io.github.moa4j.core.template;

import java.util.AbstractList;
import java.util.List;

/** The keys, values or entries of a map, to go through but not to index. */
final class View extends AbstractList<Object> {

  private final String name;
  private final List<Object> elements;

  View(String name, List<Object> elements) {
    this.name = name;
    this.elements = elements;
  }

  /** What it is called where it is printed. */
  String name() {
    return name;
  }

  @Override
  public Object get(int index) {
    return elements.get(index);
  }

  @Override
  public int size() {
    return elements.size();
  }
}
