package io.github.moa4j.core.template;

import java.util.List;
import java.util.Map;

/** The arguments of one call, by position and by name, and the budget it is paid from. */
record Call(List<Object> positional, Map<String, Object> named, Budget budget) {

  /** The call without its first arguments. */
  Call from(int position) {
    return new Call(positional.subList(position, positional.size()), named, budget);
  }
}
