package io.github.moa4j.core.text;

import io.github.moa4j.core.files.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Regular expressions that match in about linear time. The native library's engine goes back, and
 * ends the process after ten million steps at one place; so what can go back many times over the
 * same text is refused: a repeated group with a repetition or alternatives in it, more behind two
 * repetitions, references to groups. No published tokenizer has any of these.
 */
final class SafePattern {

  private static final int LONGEST = 10_000;
  private static final int DEEPEST = 20;
  private static final int FEW = 3; // repetitions that need no care
  private static final int MOST = 1000;
  private static final List<String> LOOKS_AROUND = List.of("?=", "?!", "?<=", "?<!");

  /** A group: what stands in it so far. */
  private static final class Group {
    boolean repeats;
    boolean hasAlternatives;
    int loops; // unbounded repetitions in this alternative
    boolean consumes; // whether this alternative matches one character at least
    boolean mayBeEmpty; // whether an alternative before does not
    final boolean looksAround;

    Group(boolean looksAround) {
      this.looksAround = looksAround;
    }

    boolean isSimple() {
      return !repeats && !hasAlternatives;
    }
  }

  private final String pattern;
  private final Deque<Group> groups = new ArrayDeque<>();
  private int at;

  private SafePattern(String pattern) {
    this.pattern = pattern;
  }

  /** The pattern of a field; {@code consuming} if it must match one character at least. */
  static String checked(JsonObject json, String key, boolean consuming) {
    String pattern = WellFormed.text(json, key);
    if (pattern.isEmpty()
        || pattern.length() > LONGEST
        || !new SafePattern(pattern).isSafe(consuming)) {
      throw json.wrong(
          key,
          "a regular expression without nested repetitions and references to groups"
              + (consuming ? ", that matches one character at least" : ""));
    }
    return pattern;
  }

  private boolean isSafe(boolean consuming) {
    groups.push(new Group(false));
    while (at < pattern.length()) {
      if (!next()) {
        return false;
      }
    }
    Group all = groups.element();
    return groups.size() == 1 && (!consuming || (all.consumes && !all.mayBeEmpty));
  }

  private boolean next() {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> open();
      case ')' -> close();
      case '|' -> alternative();
      case '[' -> characterClass() && repeated(true, true);
      case '\\' -> escape();
      case '*', '+', '?' -> false; // repeats nothing, or a repetition
      case '^', '$' -> repeated(true, false);
      default -> repeated(true, true);
    };
  }

  private boolean close() {
    if (groups.size() == 1) {
      return false;
    }
    Group closed = groups.pop();
    groups.element().repeats |= closed.repeats;
    boolean consumes = closed.consumes && !closed.mayBeEmpty && !closed.looksAround;
    return repeated(closed.isSimple(), consumes);
  }

  private boolean alternative() {
    groups.element().hasAlternatives = true;
    groups.element().loops = 0;
    groups.element().mayBeEmpty |= !groups.element().consumes;
    groups.element().consumes = false;
    return true;
  }

  private boolean open() {
    if (groups.size() > DEEPEST || pattern.startsWith("*", at)) {
      return false;
    }
    groups.push(new Group(LOOKS_AROUND.stream().anyMatch(sign -> pattern.startsWith(sign, at))));
    if (!pattern.startsWith("?", at)) {
      return true;
    }
    int start = at + 1;
    if (start < pattern.length() && "~(#".indexOf(pattern.charAt(start)) >= 0) {
      return false;
    }
    at = start;
    while (at < pattern.length() && ":=!>)".indexOf(pattern.charAt(at)) < 0) {
      at++;
    }
    if (at < pattern.length() && pattern.charAt(at) != ')') {
      at++;
    }
    return at < pattern.length();
  }

  /** Classes may hold classes; a bracket that comes first is a character. */
  private boolean characterClass() {
    int depth = 1;
    if (pattern.startsWith("^", at)) {
      at++;
    }
    if (pattern.startsWith("]", at)) {
      at++;
    }
    while (at < pattern.length() && depth > 0) {
      char c = pattern.charAt(at++);
      if (c == '\\') {
        at++;
      } else if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
      }
    }
    return depth == 0;
  }

  private boolean escape() {
    if (at >= pattern.length()) {
      return false;
    }
    char c = pattern.charAt(at++);
    if ((Character.isDigit(c) && c != '0') || "gkKGXR".indexOf(c) >= 0) {
      return false;
    }
    if (pattern.startsWith("{", at) && "pPxo".indexOf(c) >= 0) {
      at = pattern.indexOf('}', at) + 1;
      return at > 0 && repeated(true, true);
    }
    return repeated(true, "bBAzZ".indexOf(c) < 0);
  }

  /** Reads how often what was just read is repeated; {@code simple} if that may be many times. */
  private boolean repeated(boolean simple, boolean consumes) {
    Group group = groups.element();
    int most = most();
    if (most < 0 || (most > MOST && most < Integer.MAX_VALUE)) {
      return false;
    }
    if (most > FEW && !simple) {
      return false;
    }
    if (group.loops >= 2 && !optional) {
      return false;
    }
    group.consumes |= consumes && !optional;
    if (most > FEW) {
      group.repeats = true;
      group.loops++;
    }
    return true;
  }

  private boolean optional; // whether what was just read may be left out

  /** How often the next part may be repeated; -1 if that is not to be told. */
  private int most() {
    optional = false;
    if (at >= pattern.length()) {
      return 1;
    }
    int most;
    char c = pattern.charAt(at);
    if (c == '*' || c == '+' || c == '?') {
      optional = c != '+';
      most = c == '?' ? 1 : Integer.MAX_VALUE;
      at++;
    } else if (c == '{' && at + 1 < pattern.length() && isCount(pattern.charAt(at + 1))) {
      int end = pattern.indexOf('}', at);
      String[] bounds = end < 0 ? new String[] {""} : pattern.substring(at + 1, end).split(",", -1);
      String last = bounds[bounds.length - 1];
      if (!last.matches("[0-9]{0,4}") || bounds.length > 2) {
        return -1;
      }
      optional = bounds[0].isEmpty() || bounds[0].matches("0+");
      most = last.isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(last);
      at = end + 1;
    } else {
      return 1;
    }
    if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == '+')) {
      at++; // lazy or possessive
    }
    return most;
  }

  private static boolean isCount(char c) {
    return Character.isDigit(c) || c == ',';
  }
}
