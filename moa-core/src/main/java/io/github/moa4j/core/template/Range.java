package io.github.moa4j.core.template;

import java.util.AbstractList;
import java.util.RandomAccess;

/** The numbers {@code range(start, stop, step)} stands for; holds none of them. */
final class Range extends AbstractList<Object> implements RandomAccess {

  /** The sandbox that templates are written for allows no longer one. */
  private static final int LONGEST = 100_000;

  private final long start;
  private final long stop;
  private final long step;
  private final int size;

  Range(long start, long stop, long step) {
    if (step == 0) {
      throw new TemplateException("range() needs a step other than 0");
    }
    double steps = Math.ceil(((double) stop - (double) start) / step);
    if (steps > LONGEST) {
      throw new TemplateException("range() gives at most " + LONGEST + " numbers");
    }
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.size = (int) Math.max(0, steps);
  }

  static Object of(Object subject, Arguments arguments) {
    arguments.require(0);
    return arguments.has(1)
        ? new Range(arguments.whole(0, 0), arguments.whole(1, 0), arguments.whole(2, 1))
        : new Range(0, arguments.whole(0, 0), 1);
  }

  /** The range of every so many of these numbers. */
  Range slice(long from, long to, long stride) {
    return new Range(start + from * step, start + to * step, step * stride);
  }

  @Override
  public Object get(int index) {
    return start + index * step;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String toString() {
    return "range(" + start + ", " + stop + (step == 1 ? ")" : ", " + step + ")");
  }
}
