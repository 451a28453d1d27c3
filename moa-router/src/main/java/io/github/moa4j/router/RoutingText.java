package io.github.moa4j.router;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a text reads to a router: as it is, but for what differs from one keyboard, clipboard or
 * system to the next and says nothing of what is asked. Routers learn and read prompts so; the
 * answer is made from the original.
 *
 * <p>Unicode's compatibility forms become plain ones (NFKC: no-break spaces, full-width letters,
 * ligatures), typographic quotes and dashes those of a keyboard, line ends LF; invisible characters
 * and spaces at the end of a line go; so do repeated spaces, but for those that indent a line, and
 * repeated empty lines. A text in capitals or in Title Case, and several words in capitals, become
 * small letters but where a sentence has a capital.
 */
public final class RoutingText {

  private static final String USER = "user";
  private static final String SYSTEM = "system";
  private static final Pattern LINE_END = Pattern.compile("\\r\\n?|[\\u0085\\u2028\\u2029]");
  private static final Pattern INVISIBLE =
      Pattern.compile("[\\p{Cf}\\p{Cc}&&[^\\n\\t\\u200c\\u200d]]");
  private static final Pattern SINGLE_QUOTE = Pattern.compile("[\\u2018-\\u201b\\u2032\\u00b4]");
  private static final Pattern DOUBLE_QUOTE =
      Pattern.compile("[\\u201c-\\u201f\\u2033\\u00ab\\u00bb]");
  private static final Pattern DASH = Pattern.compile("[\\u2010-\\u2015\\u2212]");
  private static final Pattern INNER_SPACES = Pattern.compile("(?<=\\S)[\\p{Zs}\\t]+(?=\\S)");
  private static final Pattern SPACES_AT_END = Pattern.compile("[\\p{Zs}\\t]+(?=\\n)");
  private static final Pattern EMPTY_LINES = Pattern.compile("\\n{3,}");

  private RoutingText() {}

  /** Returns a text as a router reads it; the text itself where nothing is to be changed. */
  public static String of(String text) {
    String plain = LINE_END.matcher(text).replaceAll("\n");
    plain = Normalizer.normalize(plain, Normalizer.Form.NFKC);
    plain = INVISIBLE.matcher(plain).replaceAll("");
    plain = SINGLE_QUOTE.matcher(plain).replaceAll("'");
    plain = DOUBLE_QUOTE.matcher(plain).replaceAll("\"");
    plain = DASH.matcher(plain).replaceAll("-");
    plain = INNER_SPACES.matcher(plain).replaceAll(" ");
    plain = SPACES_AT_END.matcher(plain).replaceAll("");
    plain = EMPTY_LINES.matcher(plain).replaceAll("\n\n").strip();
    plain = LetterCase.ofSentences(plain);
    return plain.equals(text) ? text : plain;
  }

  /**
   * Returns what a router reads of a conversation as to its last message of a user. That is the
   * conversation itself where this message is the user's only one and reads as it is written, or
   * holds nothing to route by; else the message {@link #alone}.
   */
  public static Conversation of(Conversation conversation) {
    List<String> asked =
        conversation.messages().stream()
            .filter(message -> message.role().equals(USER))
            .map(ChatMessage::content)
            .toList();
    String last = asked.isEmpty() ? "" : asked.get(asked.size() - 1);
    boolean asWritten = asked.size() == 1 && of(last).equals(last);
    return asWritten || isBlank(last) ? conversation : alone(conversation, last);
  }

  /**
   * Returns one message of a user, or a part of one, as a router reads it: without what was said
   * before, but under the rules of its conversation, the first system message, tools, documents and
   * variables.
   */
  public static Conversation alone(Conversation conversation, String text) {
    List<ChatMessage> messages = new ArrayList<>();
    conversation.messages().stream()
        .filter(message -> message.role().equals(SYSTEM))
        .findFirst()
        .ifPresent(messages::add);
    messages.add(ChatMessage.user(of(text)));
    return conversation.withMessages(messages);
  }

  /** Tells whether a text holds nothing to route by: no letter and no digit. */
  public static boolean isBlank(String text) {
    return of(text).codePoints().noneMatch(Character::isLetterOrDigit);
  }
}
