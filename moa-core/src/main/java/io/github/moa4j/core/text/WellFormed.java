package io.github.moa4j.core.text;

import io.github.moa4j.core.files.JsonObject;

/** Texts that have a form in UTF-8: every surrogate has its other half. */
final class WellFormed {

  private WellFormed() {}

  /** A text of a file, refused if it holds half a surrogate pair. */
  static String text(JsonObject json, String key) {
    String text = json.text(key);
    if (!is(text)) {
      throw json.wrong(key, "a text without half surrogate pairs");
    }
    return text;
  }

  static boolean is(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** A text in which U+FFFD stands for every half of a surrogate pair. */
  static String of(String text) {
    if (is(text)) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString();
  }
}
