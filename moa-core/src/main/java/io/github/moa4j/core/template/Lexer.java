package io.github.moa4j.core.template;

import io.github.moa4j.core.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens and settles its white space, with the settings chat templates are
 * written for: {@code trim_blocks} (the newline behind a block tag goes), {@code lstrip_blocks}
 * (the indentation before a block tag or comment goes), a single newline at the template's end
 * goes.
 */
final class Lexer {

  private static final Pattern RAW_BEGIN = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%\\}\\s*|%\\})");
  private static final Pattern RAW_END =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern COMMENT_END = Pattern.compile("(?U)\\+#\\}|-#\\}\\s*|#\\}\\n?");
  private static final Pattern PRINT_END = Pattern.compile("(?U)-\\}\\}\\s*|\\}\\}");
  private static final Pattern BLOCK_END = Pattern.compile("(?U)\\+%\\}|-%\\}\\s*|%\\}\\n?");
  private static final Pattern SPACE = Pattern.compile("(?U)\\s+");

  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{M}\\p{N}_]*");
  private static final Pattern FLOAT =
      Pattern.compile("\\d[\\d_]*(?:\\.\\d[\\d_]*(?:[eE][+-]?\\d[\\d_]*)?|[eE][+-]?\\d[\\d_]*)");
  private static final Pattern INTEGER =
      Pattern.compile("0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|\\d[\\d_]*");
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+*/%~\\[\\](){}<>=.:|,;]");

  private final String source;
  private final Map<Pattern, Matcher> matchers = new HashMap<>();
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private int lineCounted; // the position up to which lines are counted
  private boolean lineStarting = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    return new Lexer(source).run();
  }

  private List<Token> run() {
    while (position < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        text(source.substring(position));
        position = source.length();
      } else {
        tag(tag);
      }
    }
    add(Kind.END, "");
    return tokens;
  }

  private int nextTag() {
    for (int i = source.indexOf('{', position); i >= 0; i = source.indexOf('{', i + 1)) {
      char next = i + 1 < source.length() ? source.charAt(i + 1) : ' ';
      if (next == '{' || next == '%' || next == '#') {
        return i;
      }
    }
    return -1;
  }

  private void tag(int begin) {
    char type = source.charAt(begin + 1);
    char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
    text(beforeTag(source.substring(position, begin), sign, type != '{'));
    Matcher raw = RAW_BEGIN.matcher(source).region(begin, source.length());
    if (raw.lookingAt()) {
      moveTo(raw.end());
      raw();
      return;
    }
    moveTo(begin + (sign == '-' || sign == '+' ? 3 : 2));
    switch (type) {
      case '#' -> comment();
      case '%' -> code(Kind.BLOCK_BEGIN, Kind.BLOCK_END, BLOCK_END, "%}");
      default -> code(Kind.PRINT_BEGIN, Kind.PRINT_END, PRINT_END, "}}");
    }
  }

  /** What stays of the text before a tag. */
  private String beforeTag(String text, char sign, boolean isBlock) {
    if (sign == '-') {
      return Text.stripTrailing(text);
    }
    if (sign != '+' && isBlock) {
      int lineBegin = text.lastIndexOf('\n') + 1;
      if ((lineBegin > 0 || lineStarting) && Text.isBlank(text.substring(lineBegin))) {
        return text.substring(0, lineBegin);
      }
    }
    return text;
  }

  private void comment() {
    Matcher end = COMMENT_END.matcher(source);
    if (!end.find(position)) {
      throw TemplateException.syntax(line, "the comment '{#' has no end '#}'");
    }
    moveTo(end.end());
  }

  private void raw() {
    Matcher end = RAW_END.matcher(source);
    if (!end.find(position)) {
      throw TemplateException.syntax(line, "'{% raw %}' has no '{% endraw %}'");
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    text(beforeTag(source.substring(position, end.start()), sign, true));
    moveTo(end.end());
  }

  private void code(Kind begin, Kind end, Pattern endPattern, String endText) {
    int beginLine = line;
    add(begin, "");
    Deque<Character> brackets = new ArrayDeque<>();
    while (true) {
      moveTo(position + matched(SPACE).length());
      if (position >= source.length()) {
        throw TemplateException.syntax(beginLine, "a tag has no end '" + endText + "'");
      }
      String found = brackets.isEmpty() ? matched(endPattern) : "";
      if (!found.isEmpty()) {
        add(end, "");
        moveTo(position + found.length());
        return;
      }
      codeToken(brackets);
    }
  }

  private void codeToken(Deque<Character> brackets) {
    char c = source.charAt(position);
    if (c == '\'' || c == '"') {
      string(c);
      return;
    }
    // In a.0.1 the digits are two positions, not one number.
    boolean afterDot = tokens.get(tokens.size() - 1).is(Kind.OPERATOR, ".");
    if (take(Kind.NAME, NAME)
        || (!afterDot && take(Kind.FLOAT, FLOAT))
        || take(Kind.INTEGER, INTEGER)) {
      return;
    }
    if (!take(Kind.OPERATOR, OPERATOR)) {
      throw TemplateException.syntax(line, "unexpected character '" + c + "'");
    }
    balance(c, brackets);
  }

  private boolean take(Kind kind, Pattern pattern) {
    String found = matched(pattern);
    if (!found.isEmpty()) {
      add(kind, found);
      moveTo(position + found.length());
    }
    return !found.isEmpty();
  }

  private void string(char quote) {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw TemplateException.syntax(line, "a text that begins with " + quote + " has no end");
    }
    add(Kind.STRING, Escapes.value(source.substring(position + 1, end), line));
    moveTo(end + 1);
  }

  private void balance(char operator, Deque<Character> brackets) {
    switch (operator) {
      case '(' -> brackets.push(')');
      case '[' -> brackets.push(']');
      case '{' -> brackets.push('}');
      case ')', ']', '}' -> {
        if (brackets.isEmpty() || brackets.pop() != operator) {
          throw TemplateException.syntax(line, "unexpected '" + operator + "'");
        }
      }
      default -> {}
    }
  }

  /** What the pattern matches here, or the empty text. */
  private String matched(Pattern pattern) {
    Matcher matcher = matchers.computeIfAbsent(pattern, p -> p.matcher(source));
    matcher.region(position, source.length());
    return matcher.lookingAt() ? matcher.group() : "";
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      add(Kind.TEXT, text);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void moveTo(int next) {
    for (; lineCounted < next; lineCounted++) {
      if (source.charAt(lineCounted) == '\n') {
        line++;
      }
    }
    lineStarting = next > 0 && source.charAt(next - 1) == '\n';
    position = next;
  }
}
