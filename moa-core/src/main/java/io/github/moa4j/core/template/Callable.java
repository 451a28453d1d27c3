package io.github.moa4j.core.template;

/** A function, macro or method. */
@FunctionalInterface
interface Callable {

  Object call(Call call);
}
