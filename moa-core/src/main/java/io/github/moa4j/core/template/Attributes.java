package io.github.moa4j.core.template;

/** A value with attributes of its own, such as {@code loop} or a namespace. */
@FunctionalInterface
interface Attributes {

  /** The attribute's value, or {@link Undefined}. */
  Object attribute(String name);
}
