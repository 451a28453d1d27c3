package io.github.moa4j.core.generation;

import java.util.List;

/** Cuts a text stream at the first stop string, and holds back what may become one. */
final class StopStrings {

  private final List<String> stops;
  private String held = "";
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Takes more text and returns what is certain not to be part of a stop string. */
  String accept(String text) {
    held += text;
    int cut = -1;
    for (String stop : stops) {
      int index = held.indexOf(stop);
      if (index >= 0 && (cut < 0 || index < cut)) {
        cut = index;
      }
    }
    if (cut >= 0) {
      found = true;
      String rest = held.substring(0, cut);
      held = "";
      return rest;
    }
    int safe = held.length() - longestPartialStop();
    String out = held.substring(0, safe);
    held = held.substring(safe);
    return out;
  }

  private int longestPartialStop() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
        if (held.endsWith(stop.substring(0, length))) {
          longest = length;
        }
      }
    }
    return longest;
  }

  /** Whether a stop string has occurred. */
  boolean found() {
    return found;
  }

  /** Returns what was held back at the end of the text. */
  String finish() {
    String rest = held;
    held = "";
    return rest;
  }
}
