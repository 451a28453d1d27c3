package io.github.moa4j.core.tool;

/** Finds where a JSON object or list ends in a text that goes on. */
final class JsonEnd {

  private JsonEnd() {}

  /** Returns the index behind the value that begins at an index; -1 if it has no end. */
  static int of(String text, int from) {
    int depth = 0;
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return i + 1;
      }
    }
    return -1;
  }
}
