package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Keeps what a conversation says apart from what its template writes. In the conversation's texts,
 * the signs that could make a control token ({@code <}, {@code |}, {@code >}) are replaced by
 * private characters before the template is rendered, one by one, so that lengths, white space and
 * words stay as they are; in the rendered text, what is spelled with such characters was said, and
 * what is spelled without was written by the template.
 *
 * <p>What the assistant said may spell the tokens that its tokenizer does not call special, such as
 * {@code <think>}: that is how models write them.
 *
 * <p>For one conversation. Immutable.
 */
final class TextMarks {

  private static final char FIRST = '\uE000';
  private static final char LAST = '\uF8FF';

  private enum Where {
    NOWHERE,
    SPELLED,
    EVERYWHERE
  }

  private final ControlTokens control;
  private final Where where;
  private final char base;

  private TextMarks(ControlTokens control, Where where, char base) {
    this.control = control;
    this.where = where;
    this.base = base;
  }

  /** No marks at all: control tokens that are spelled are control tokens. */
  static TextMarks nowhere(ControlTokens control) {
    return new TextMarks(control, Where.NOWHERE, FIRST);
  }

  /**
   * Marks that hide every sign a control token begins or ends with, so that no template can put a
   * token together from parts of what is said.
   */
  static TextMarks everywhere(ControlTokens control, Conversation conversation) {
    return new TextMarks(control, Where.EVERYWHERE, unused(conversation, control.signs().length()));
  }

  /**
   * Marks only where a control token is spelled, or a part of one where a text begins or ends: for
   * templates that look at the signs in what is said.
   */
  TextMarks whereSpelled() {
    return where == Where.EVERYWHERE ? new TextMarks(control, Where.SPELLED, base) : this;
  }

  private static char unused(Conversation conversation, int count) {
    BitSet used = new BitSet();
    map(
        conversation,
        (text, assistant) -> {
          text.chars().filter(c -> c >= FIRST && c <= LAST).forEach(used::set);
          return text;
        });
    int start = FIRST;
    for (int next = used.nextSetBit(start); next >= 0 && next < start + count; ) {
      start = next + 1;
      next = used.nextSetBit(start);
    }
    if (start + count > LAST) {
      throw new MoaException(
          "A conversation uses nearly all private characters of Unicode (U+E000 to U+F8FF), which"
              + " are needed to keep its text apart from control tokens; remove them");
    }
    return (char) start;
  }

  /** The conversation with its signs marked. */
  Conversation mark(Conversation conversation) {
    return where == Where.NOWHERE ? conversation : map(conversation, this::mark);
  }

  /** A message with its signs marked. */
  ChatMessage mark(ChatMessage message) {
    return where == Where.NOWHERE ? message : map(message, this::mark);
  }

  /** A rendered text as it is without marks. */
  String unmarked(String text) {
    if (where == Where.NOWHERE) {
      return text;
    }
    StringBuilder plain = null;
    for (int i = 0; i < text.length(); i++) {
      if (isMark(text.charAt(i))) {
        plain = plain == null ? new StringBuilder(text) : plain;
        plain.setCharAt(i, control.signs().charAt(text.charAt(i) - base));
      }
    }
    return plain == null ? text : plain.toString();
  }

  /** Whether a control token may be spelled in a rendered text with characters that were said. */
  boolean mayHide(String marked, Vocabulary vocabulary) {
    if (where == Where.NOWHERE || vocabulary.mayFoldInto(control.all())) {
      return where != Where.NOWHERE;
    }
    String plain = unmarked(marked);
    for (int i = 0; i < plain.length(); i++) {
      AddedToken token = control.at(plain, i);
      if (token != null && !marked.startsWith(token.content(), i)) {
        return true;
      }
    }
    return false;
  }

  private boolean isMark(char c) {
    return c >= base && c < base + control.signs().length();
  }

  private String mark(String text, boolean assistant) {
    char[] marked = text.toCharArray();
    for (int i = 0; i < marked.length; i++) {
      AddedToken token = control.at(text, i);
      if (token == null) {
        if (where == Where.EVERYWHERE && control.isEdge(text.charAt(i))) {
          mark(marked, i, i + 1);
        }
      } else if (assistant && !token.special()) {
        i += token.content().length() - 1;
      } else {
        mark(marked, i, i + token.content().length());
      }
    }
    markFragments(text, marked, assistant);
    return new String(marked);
  }

  /** Marks what a neighbouring text or the template could complete to a control token. */
  private void markFragments(String text, char[] marked, boolean assistant) {
    for (AddedToken token : control.all()) {
      if (assistant && !token.special()) {
        continue;
      }
      String content = token.content();
      if (content.contains(text)) {
        mark(marked, 0, marked.length);
      }
      for (int length = 1; length < Math.min(content.length(), marked.length + 1); length++) {
        if (text.regionMatches(0, content, content.length() - length, length)) {
          mark(marked, 0, length);
        }
        if (text.regionMatches(marked.length - length, content, 0, length)) {
          mark(marked, marked.length - length, marked.length);
        }
      }
    }
  }

  private void mark(char[] marked, int from, int to) {
    for (int i = from; i < to; i++) {
      int sign = control.signs().indexOf(marked[i]);
      if (sign >= 0) {
        marked[i] = (char) (base + sign);
      }
    }
  }

  /** A text that was said, and whether the assistant said it. */
  private interface Said {
    String map(String text, boolean assistant);
  }

  private static Conversation map(Conversation conversation, Said said) {
    UnaryOperator<String> others = text -> said.map(text, false);
    return new Conversation(
        conversation.messages().stream().map(message -> map(message, said)).toList(),
        maps(conversation.tools(), others),
        maps(conversation.documents(), others),
        variables(conversation.variables(), others));
  }

  private static ChatMessage map(ChatMessage message, Said said) {
    boolean assistant = message.role().equals("assistant");
    UnaryOperator<String> each = text -> said.map(text, assistant);
    return new ChatMessage(
        message.role(), each.apply(message.content()), fields(message.fields(), each));
  }

  private static List<Map<String, Object>> maps(
      List<Map<String, Object>> values, UnaryOperator<String> each) {
    return values.stream().map(value -> fields(value, each)).toList();
  }

  /** Variables, without those that are no text of the conversation: a date, the special tokens. */
  private static Map<String, Object> variables(
      Map<String, Object> variables, UnaryOperator<String> each) {
    Map<String, Object> mapped = new LinkedHashMap<>();
    variables.forEach(
        (name, value) ->
            mapped.put(
                name,
                name.endsWith("_token") || name.equals(ChatTemplate.DATE_VARIABLE)
                    ? value
                    : value(value, each)));
    return mapped;
  }

  private static Map<String, Object> fields(
      Map<String, Object> fields, UnaryOperator<String> each) {
    Map<String, Object> mapped = new LinkedHashMap<>();
    fields.forEach((name, value) -> mapped.put(each.apply(name), value(value, each)));
    return mapped;
  }

  private static Object value(Object value, UnaryOperator<String> each) {
    if (value instanceof String text) {
      return each.apply(text);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(element -> value(element, each)).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> mapped = new LinkedHashMap<>();
      map.forEach((name, element) -> mapped.put(each.apply((String) name), value(element, each)));
      return mapped;
    }
    return value;
  }
}
