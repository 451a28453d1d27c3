package io.github.moa4j.core.template;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** Several values as one, such as {@code (a, b)}; may have names for its places. */
final class Tuple extends AbstractList<Object> implements RandomAccess {

  private final List<Object> elements;
  private final List<String> names;

  Tuple(List<Object> elements) {
    this(elements, List.of());
  }

  Tuple(List<Object> elements, List<String> names) {
    this.elements = elements;
    this.names = names;
  }

  static Tuple of(Object... elements) {
    return new Tuple(java.util.Arrays.asList(elements));
  }

  @Override
  public Object get(int index) {
    return elements.get(index);
  }

  @Override
  public int size() {
    return elements.size();
  }

  /** The names of the places, none in most tuples. */
  List<String> names() {
    return names;
  }
}
