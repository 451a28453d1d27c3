package io.github.moa4j.core.template;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** The arguments of a call, bound to the parameters of what is called. */
final class Arguments {

  private static final Object MISSING = new Object();

  private final String callee;
  private final List<String> parameters;
  private final Object[] values;
  private final Call call;

  private Arguments(String callee, List<String> parameters, Object[] values, Call call) {
    this.callee = callee;
    this.parameters = parameters;
    this.values = values;
    this.call = call;
  }

  /** Binds a call; without parameters, which are null then, it stays as it is. */
  static Arguments of(String callee, List<String> parameters, Call call) {
    if (parameters == null) {
      return new Arguments(callee, null, call.positional().toArray(), call);
    }
    int given = call.positional().size();
    if (given > parameters.size()) {
      throw new TemplateException(
          callee + "() takes at most " + parameters.size() + " arguments, found " + given);
    }
    Object[] values = call.positional().toArray(new Object[parameters.size()]);
    Arrays.fill(values, given, values.length, MISSING);
    call.named()
        .forEach(
            (name, value) -> {
              int position = parameters.indexOf(name);
              if (position < 0 || values[position] != MISSING) {
                throw new TemplateException(
                    callee
                        + (position < 0 ? "() has no argument '" : "() is given twice '")
                        + TemplateException.quote(name)
                        + "'");
              }
              values[position] = value;
            });
    return new Arguments(callee, parameters, values, call);
  }

  String callee() {
    return callee + "()";
  }

  /** The call as it was made. */
  Call call() {
    return call;
  }

  Budget budget() {
    return call.budget();
  }

  boolean has(int position) {
    return position < values.length && values[position] != MISSING;
  }

  /** An argument, or {@code missing}. */
  Object get(int position, Object missing) {
    return has(position) ? values[position] : missing;
  }

  Object require(int position) {
    if (!has(position)) {
      throw new TemplateException(callee() + " needs the argument " + name(position));
    }
    return values[position];
  }

  private String name(int position) {
    return parameters == null ? String.valueOf(position + 1) : "'" + parameters.get(position) + "'";
  }

  /** A text, or {@code missing}; none stands for a missing one. */
  String text(int position, String missing) {
    Object value = get(position, missing);
    return value == null ? missing : text(position, value);
  }

  String requireText(int position) {
    return text(position, require(position));
  }

  private String text(int position, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw expected(position, "a text", value);
  }

  /** A whole number, or {@code missing}; one beyond the longs becomes the nearest. */
  long whole(int position, long missing) {
    Object value = Numbers.of(get(position, missing));
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof BigInteger number) {
      return number.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    throw expected(position, "a whole number", value);
  }

  private TemplateException expected(int position, String what, Object value) {
    return value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException(
            callee()
                + " needs "
                + what
                + " as "
                + name(position)
                + ", found a "
                + Values.type(value));
  }

  boolean isTrue(int position, boolean missing) {
    return has(position) ? Values.isTrue(values[position]) : missing;
  }
}
