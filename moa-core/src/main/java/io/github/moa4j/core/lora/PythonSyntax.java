package io.github.moa4j.core.lora;

import io.github.moa4j.core.files.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Python's notation of regular expressions into RE2's, cut at the lookarounds that stand
 * outside of groups.
 */
final class PythonSyntax {

  private static final Pattern FLAGS = Pattern.compile("\\(\\?([aiLmsux]+)\\)");
  private static final Pattern SCOPED_FLAGS = Pattern.compile("\\(\\?([aiLmsux-]+):");
  private static final Pattern COUNT = Pattern.compile("\\{(\\d*)(,?)(\\d*)}");
  private static final String BOUNDARIES = "^, $, \\b, \\A or \\Z in or behind a lookaround";
  private static final long MANY = 1_000_000_000;

  /**
   * A piece of a sequence.
   *
   * @param regex in RE2's notation
   * @param looksAround whether it takes no characters
   * @param behind whether it looks back rather than ahead
   * @param wanted whether it must match, or must not
   */
  record Part(String regex, boolean looksAround, boolean behind, boolean wanted) {}

  private final String source;
  private final String prefix;
  private final Kind kind;
  private final List<List<Part>> alternatives = new ArrayList<>();
  private List<Part> sequence = new ArrayList<>();
  private StringBuilder text = new StringBuilder();
  private String flags = "";
  private long repetitions = 1;
  private int depth;
  private int nesting;
  private int at;
  private boolean boundaries; // whether this alternative asks where a part of it stands

  /** What a pattern is matched with. */
  private enum Kind {
    WHOLE,
    AHEAD,
    BEHIND
  }

  private PythonSyntax(String source, String prefix, Kind kind) {
    this.source = source;
    this.prefix = prefix;
    this.kind = kind;
  }

  /**
   * Reads a pattern.
   *
   * @param prefix in RE2's notation, put before every alternative
   * @throws AdapterException if it holds what RE2 has nothing for
   */
  static PythonSyntax of(String source, String prefix) {
    PythonSyntax syntax = new PythonSyntax(source, prefix, Kind.WHOLE);
    syntax.readFlags();
    syntax.read();
    return syntax;
  }

  /** Sequences, one of which must match; in each of them all parts, one behind the other. */
  List<List<Part>> alternatives() {
    return alternatives;
  }

  /** The flags of all parts, in RE2's notation. */
  String flags() {
    return flags;
  }

  /** An upper limit of what counted repetitions multiply the pattern by. */
  long repetitions() {
    return repetitions;
  }

  /** The depth of the groups. */
  int nesting() {
    return nesting;
  }

  private void readFlags() {
    Matcher matcher = FLAGS.matcher(source);
    if (matcher.lookingAt()) {
      if (matcher.group(1).contains("x")) {
        throw refused("the verbose flag (?x)");
      }
      String known = matcher.group(1).replaceAll("[aLu]", "");
      flags = known.isEmpty() ? "" : "(?" + known + ")";
      at = matcher.end();
    }
  }

  private void read() {
    while (at < source.length()) {
      char c = source.charAt(at);
      switch (c) {
        case '\\' -> readEscape(false);
        case '[' -> readClass();
        case '(' -> readGroup();
        case ')' -> {
          depth--;
          copy(1);
        }
        case '{' -> readCount();
        case '|' -> {
          if (depth == 0) {
            endAlternative();
            at++;
          } else {
            copy(1);
          }
        }
        case '^' -> {
          asksForStart();
          copy(1);
        }
        case '$' -> {
          asksForEnd(1);
          copy(1);
        }
        default -> copy(1);
      }
    }
    endAlternative();
  }

  /** A later part is matched by itself, and would take its own start for the text's. */
  private void asksForStart() {
    boundaries |= kind != Kind.WHOLE || !sequence.isEmpty();
  }

  private void asksForEnd(int characters) {
    int next = at + characters;
    boolean last = depth == 0 && (next >= source.length() || source.charAt(next) == '|');
    boundaries |= kind == Kind.BEHIND || !last;
  }

  private void copy(int characters) {
    text.append(source, at, Math.min(source.length(), at + characters));
    at += characters;
  }

  private void endAlternative() {
    if (sequence.isEmpty()) {
      text.insert(0, prefix + "(?:").append(')');
    }
    sequence.add(new Part(text.toString(), false, false, true));
    if (boundaries && kind == Kind.WHOLE && sequence.size() > 1) {
      throw refused(BOUNDARIES);
    }
    boundaries &= kind != Kind.WHOLE;
    alternatives.add(sequence);
    sequence = new ArrayList<>();
    text = new StringBuilder();
  }

  private void readEscape(boolean inClass) {
    char c = at + 1 < source.length() ? source.charAt(at + 1) : 0;
    if (c == 'Z' && !inClass) {
      asksForEnd(2);
      text.append("\\z");
      at += 2;
    } else if (c == 'u' || c == 'U') {
      int end = Math.min(source.length(), at + (c == 'u' ? 6 : 10));
      text.append("\\x{").append(source, Math.min(end, at + 2), end).append('}');
      at = end;
    } else if (c >= '1' && c <= '9' && !inClass) {
      throw refused("the backreference \\" + c);
    } else {
      if (c == 'A' && !inClass) {
        asksForStart();
      }
      boundaries |= !inClass && (c == 'b' || c == 'B');
      copy(2);
    }
  }

  private void readClass() {
    copy(1);
    if (at < source.length() && source.charAt(at) == '^') {
      copy(1);
    }
    for (boolean first = true; at < source.length(); first = false) {
      char c = source.charAt(at);
      if (c == '\\') {
        readEscape(true);
      } else if (c == ']' && !first) {
        copy(1);
        return;
      } else {
        text.append(c == '[' || c == ']' ? "\\" : "");
        copy(1);
      }
    }
  }

  private void readCount() {
    Matcher count = COUNT.matcher(source).region(at, source.length());
    if (!count.lookingAt() || count.group().equals("{}")) {
      copy(1);
      return;
    }
    String most = count.group(3).isEmpty() ? count.group(1) : count.group(3);
    long times = most.length() > 9 ? MANY : most.isEmpty() ? 1 : Long.parseLong(most);
    repetitions = Math.min(MANY, repetitions * Math.max(1, times));
    text.append(count.group(1).isEmpty() ? "{0" + count.group().substring(1) : count.group());
    at = count.end();
  }

  private void readGroup() {
    if (source.startsWith("(?#", at)) {
      int end = source.indexOf(')', at);
      at = end < 0 ? source.length() : end + 1;
      return;
    }
    if (source.startsWith("(?P=", at)) {
      throw refused("the backreference (?P=");
    }
    if (source.startsWith("(?(", at)) {
      throw refused("the condition (?(");
    }
    boolean behind = source.startsWith("(?<=", at) || source.startsWith("(?<!", at);
    if (behind || source.startsWith("(?=", at) || source.startsWith("(?!", at)) {
      readLookaround(behind);
      return;
    }
    depth++;
    nesting = Math.max(nesting, depth);
    Matcher scoped = SCOPED_FLAGS.matcher(source).region(at, source.length());
    if (!scoped.lookingAt()) {
      copy(1);
    } else if (scoped.group(1).contains("x")) {
      throw refused("the verbose flag (?x:");
    } else {
      text.append("(?").append(scoped.group(1).replaceAll("[aLu]", "")).append(':');
      at = scoped.end();
    }
  }

  private void readLookaround(boolean behind) {
    if (depth > 0) {
      throw refused("a lookaround inside a group");
    }
    int open = at + (behind ? 4 : 3);
    int close = closing(open);
    boolean wanted = source.charAt(open - 1) == '=';
    PythonSyntax body =
        new PythonSyntax(source.substring(open, close), "", behind ? Kind.BEHIND : Kind.AHEAD);
    body.read();
    if (body.boundaries) {
      throw refused(BOUNDARIES);
    }
    String regex = "";
    for (List<Part> alternative : body.alternatives) {
      if (alternative.size() > 1) {
        throw refused("a lookaround inside another");
      }
      regex += (regex.isEmpty() ? "" : "|") + alternative.get(0).regex();
    }
    if (close + 1 < source.length() && "*+?{".indexOf(source.charAt(close + 1)) >= 0) {
      throw refused("a repeated lookaround");
    }
    if (sequence.isEmpty()) {
      text.insert(0, prefix + "(?:").append(')');
    }
    sequence.add(new Part("(?:" + text + ")", false, false, true));
    sequence.add(new Part("(?:" + regex + ")", true, behind, wanted));
    text = new StringBuilder();
    repetitions = Math.min(MANY, repetitions * body.repetitions);
    nesting = Math.max(nesting, body.nesting + 1);
    at = close + 1;
  }

  /** The place of the parenthesis that closes the group whose content starts there. */
  private int closing(int open) {
    int groups = 1;
    boolean inClass = false;
    for (int i = open; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\\') {
        i++;
      } else if (inClass) {
        inClass = c != ']';
      } else if (c == '[') {
        inClass = true;
        i += source.startsWith("^", i + 1) ? 2 : 1; // the first character is never the end
      } else if (c == '(') {
        groups++;
      } else if (c == ')' && --groups == 0) {
        return i;
      }
    }
    throw refused("an unclosed lookaround");
  }

  private AdapterException refused(String what) {
    return new AdapterException(
        "The pattern \""
            + Failure.quote(source)
            + "\" holds "
            + what
            + ", which cannot be matched in linear time. Name the modules without it.");
  }
}
