package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** A function, macro or method; arguments come by position and by name. */
@FunctionalInterface
interface Callable {

  Object call(List<Object> arguments, Map<String, Object> named);
}
