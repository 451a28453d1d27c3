package io.github.moa4j.core.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The filters that go through the elements of a value. */
final class SequenceFilters {

  private SequenceFilters() {}

  private static Stream<Object> stream(Object value, Budget budget) {
    Iterator<Object> elements = Values.iterator(value, budget);
    return StreamSupport.stream(((Iterable<Object>) () -> elements).spliterator(), false);
  }

  static Object list(Object value, Arguments arguments) {
    List<Object> elements = Values.elements(value, arguments.budget());
    arguments.budget().elements(elements.size());
    return new ArrayList<>(elements);
  }

  static Object first(Object value, Arguments arguments) {
    Iterator<Object> elements = Values.iterator(value, arguments.budget());
    return elements.hasNext() ? elements.next() : new Undefined("there is no first element");
  }

  static Object last(Object value, Arguments arguments) {
    if (value instanceof Generator) {
      throw new TemplateException(
          "the last element of a generator is not known; 'list' makes a list of it");
    }
    List<Object> elements = Values.elements(value, arguments.budget());
    return elements.isEmpty()
        ? new Undefined("there is no last element")
        : elements.get(elements.size() - 1);
  }

  static Object reverse(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    List<Object> reversed = Arithmetic.reversed(Values.elements(value, budget), budget);
    return value instanceof String
        ? Text.join("", reversed, budget)
        : new Generator(reversed.iterator());
  }

  static Object join(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    Object attribute = arguments.get(1, null);
    List<Object> pieces = new ArrayList<>();
    for (Object element : Values.elements(value, budget)) {
      pieces.add(Filters.attribute(element, attribute, null, budget));
    }
    return Text.join(Values.text(arguments.get(0, ""), budget), pieces, budget);
  }

  static Object items(Object value, Arguments arguments) {
    return new Generator(entries(value, arguments.budget()).iterator());
  }

  /** The entries of a map; an undefined value has none. */
  static List<Object> entries(Object value, Budget budget) {
    if (value instanceof Map<?, ?> map) {
      return Methods.items(map, budget);
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("a " + Values.type(value) + " has no keys and values");
  }

  static Object batch(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    arguments.require(0);
    long size = arguments.whole(0, 0);
    Object fill = arguments.get(1, null);
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object element : Values.elements(value, budget)) {
      if (batch.size() == size) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      budget.elements(1);
      batch.add(element);
    }
    if (!batch.isEmpty()) {
      if (fill != null && batch.size() < size) {
        budget.elements(size - batch.size());
        batch.addAll(Collections.nCopies((int) size - batch.size(), fill));
      }
      batches.add(batch);
    }
    return new Generator(batches.iterator());
  }

  static Object slice(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    List<Object> elements = Values.elements(value, budget);
    arguments.require(0);
    long slices = arguments.whole(0, 0);
    if (slices < 1) {
      throw new TemplateException("slice() needs at least one slice");
    }
    budget.elements(slices > Budget.STEPS ? slices : 8 * slices);
    budget.elements(elements.size() + slices);
    Object fill = arguments.get(1, null);
    long size = elements.size() / slices;
    long longer = elements.size() % slices;
    int from = 0;
    List<Object> parts = new ArrayList<>();
    for (long i = 0; i < slices; i++) {
      int to = (int) (from + size + (i < longer ? 1 : 0));
      List<Object> part = new ArrayList<>(elements.subList(from, to));
      if (fill != null && i >= longer) {
        part.add(fill);
      }
      parts.add(part);
      from = to;
    }
    return new Generator(parts.iterator());
  }

  static Object sum(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    Object sum = arguments.get(1, 0L);
    if (sum instanceof String) {
      throw new TemplateException("sum() does not add texts; 'join' does");
    }
    for (Object element : Values.elements(value, budget)) {
      Object part = Filters.attribute(element, arguments.get(0, null), null, budget);
      sum = Arithmetic.apply("+", sum, part, budget);
    }
    return sum;
  }

  static Object map(Object value, Arguments arguments) {
    if (!Values.isTrue(value)) {
      return new Generator(List.of().iterator());
    }
    UnaryOperator<Object> change = change(arguments.call());
    return new Generator(stream(value, arguments.budget()).map(change).iterator());
  }

  private static UnaryOperator<Object> change(Call call) {
    if (call.positional().isEmpty() && call.named().containsKey("attribute")) {
      Object attribute = call.named().get("attribute");
      Object missing = call.named().get("default");
      if (call.named().size() > (call.named().containsKey("default") ? 2 : 1)) {
        throw new TemplateException("map() by attribute takes 'attribute' and 'default' only");
      }
      return element -> Filters.attribute(element, attribute, missing, call.budget());
    }
    if (call.positional().isEmpty() || !(call.positional().get(0) instanceof String name)) {
      throw new TemplateException("map() needs the name of a filter");
    }
    Call rest = call.from(1);
    return element -> Filters.apply(name, element, rest);
  }

  /** The elements for which a test, of the element or of its attribute, is {@code wanted}. */
  static Object select(Object value, Arguments arguments, boolean ofAttribute, boolean wanted) {
    if (!Values.isTrue(value)) {
      return new Generator(List.of().iterator());
    }
    Budget budget = arguments.budget();
    Object attribute = ofAttribute ? arguments.require(0) : null;
    Predicate<Object> condition = condition(arguments.call().from(ofAttribute ? 1 : 0));
    return new Generator(
        stream(value, budget)
            .filter(e -> condition.test(Filters.attribute(e, attribute, null, budget)) == wanted)
            .iterator());
  }

  /** The test named by the first argument, applied with those behind it; without one, truth. */
  private static Predicate<Object> condition(Call call) {
    if (call.positional().isEmpty()) {
      return Values::isTrue;
    }
    if (!(call.positional().get(0) instanceof String name)) {
      throw new TemplateException("select() and its like need the name of a test");
    }
    Call rest = call.from(1);
    return element -> Conditions.test(name, element, rest);
  }
}
