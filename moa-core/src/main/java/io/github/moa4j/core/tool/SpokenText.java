package io.github.moa4j.core.tool;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes on the text of an answer that streams, and holds back what may be the beginning of a call,
 * which is no text. Not thread-safe.
 */
public final class SpokenText {

  /** Keys that the object of a call may begin with. */
  private static final Set<String> KEYS =
      Set.of("name", "arguments", "parameters", "type", "function", "id");

  private static final Pattern FIRST_KEY =
      Pattern.compile("\\[?\\s*\\{\\s*\"([^\"]*)\".*", Pattern.DOTALL);
  private static final Pattern FIRST_KEY_BEGUN = Pattern.compile("\\[?\\s*(\\{\\s*(\"[^\"]*)?)?");

  private final Collection<String> names;
  private final StringBuilder answer = new StringBuilder();
  private int told; // characters of the answer

  /**
   * Starts with an empty answer.
   *
   * @param names of the tools that may be called; with none, all is said at once
   */
  public SpokenText(Collection<String> names) {
    this.names = List.copyOf(names);
  }

  /** Takes a piece of the answer, and returns what is surely said; often nothing. */
  public String add(String piece) {
    if (names.isEmpty()) {
      return piece;
    }
    answer.append(piece);
    return tellUpTo(Math.max(told, certain()));
  }

  /** Returns what is left to say at the end of the answer: all that was no call. */
  public String end() {
    if (names.isEmpty()) {
      return "";
    }
    String whole = answer.toString();
    ToolAnswer read = ToolAnswer.read(whole, names);
    if (read.calls().isEmpty()) {
      return tellUpTo(whole.length());
    }
    // What was told is a beginning of what is said, white space before the calls apart.
    String rest = read.text();
    int common = 0;
    String before = whole.substring(0, told).stripLeading();
    while (common < Math.min(before.length(), rest.length())
        && before.charAt(common) == rest.charAt(common)) {
      common++;
    }
    told = whole.length();
    return rest.substring(common);
  }

  private String tellUpTo(int end) {
    String piece = answer.substring(told, end);
    told = end;
    return piece;
  }

  /** Returns up to where nothing can be a call, or white space before one. */
  private int certain() {
    int start = 0;
    while (start < answer.length() && Character.isWhitespace(answer.charAt(start))) {
      start++;
    }
    if (start == answer.length() || mayBeginCall(start)) {
      return 0;
    }
    int end = answer.length();
    for (String mark : ToolAnswer.MARKS) {
      int found = answer.indexOf(mark);
      end = Math.min(end, found >= 0 ? found : beginning(mark));
    }
    while (end > 0 && Character.isWhitespace(answer.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  /** Without a mark a call can only stand at the start. */
  private boolean mayBeginCall(int start) {
    String begun = answer.substring(start);
    if (begun.startsWith("{") || begun.startsWith("[")) {
      Matcher key = FIRST_KEY.matcher(begun);
      return key.matches() ? KEYS.contains(key.group(1)) : FIRST_KEY_BEGUN.matcher(begun).matches();
    }
    return names.stream().anyMatch(name -> name.startsWith(begun) || begun.startsWith(name));
  }

  /** Returns where the answer's end may be the beginning of a mark; its length if nowhere. */
  private int beginning(String mark) {
    for (int length = Math.min(mark.length() - 1, answer.length()); length > 0; length--) {
      if (answer.indexOf(mark.substring(0, length), answer.length() - length) >= 0) {
        return answer.length() - length;
      }
    }
    return answer.length();
  }
}
