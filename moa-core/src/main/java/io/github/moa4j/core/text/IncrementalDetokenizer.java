package io.github.moa4j.core.text;

import java.util.Arrays;

/**
 * Turns the tokens of one answer into text while they come. All pieces joined equal {@link
 * TextTokenizer#decode(int[])} of all tokens, and no piece ends within a character (a code point;
 * characters that are drawn as one, such as joined emoji, may come in several pieces).
 *
 * <p>It decodes a short window of the last tokens, never the whole answer: the tokens whose text is
 * not yet certain, behind the tokens of the piece before (a token's text may depend on whether it
 * is the first: SentencePiece decoders drop the first token's space). Byte tokens ({@code <0xE2>})
 * are held until their run ends, because decoders judge such a run as a whole.
 *
 * <p>Not thread-safe; for one answer only.
 */
public final class IncrementalDetokenizer {

  private static final String REPLACEMENT = "\uFFFD";
  private static final int LONG_HOLD = 8;

  private final NativeTokenizer tokenizer;
  private final Vocabulary vocabulary;

  private long[] window = new long[16];
  private int length; // tokens in the window
  private int context; // of them, those of the piece before
  private int emitted; // characters of the window's text that were given out
  private boolean finished;

  IncrementalDetokenizer(NativeTokenizer tokenizer, Vocabulary vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /**
   * Takes the next token and returns the text that is certain now, {@code ""} while a character is
   * incomplete and for special tokens.
   *
   * @throws IllegalStateException after {@link #finish()}
   */
  public String accept(int tokenId) {
    if (finished) {
      throw new IllegalStateException("This answer is finished; take a new detokenizer");
    }
    if (!vocabulary.hasText(TextTokenizer.checked(tokenId))) {
      return "";
    }
    if (length == window.length) {
      window = Arrays.copyOf(window, length * 2);
    }
    window[length++] = tokenId;
    return vocabulary.isByte(tokenId) ? "" : certainText();
  }

  /** Ends the answer and returns what was held back; an incomplete character becomes U+FFFD. */
  public String finish() {
    finished = true;
    String rest = decode(0, length).substring(emitted);
    length = 0;
    emitted = 0;
    return rest;
  }

  int windowLength() {
    return length;
  }

  private String certainText() {
    String text = decode(0, length);
    boolean complete = !text.endsWith(REPLACEMENT);
    // The decoder shows an incomplete character at the end as one U+FFFD.
    int certain = complete ? text.length() : text.length() - REPLACEMENT.length();
    String piece = text.substring(emitted, Math.max(emitted, certain));
    emitted = Math.max(emitted, certain);
    if (complete) {
      moveOn();
    } else if (length - context > LONG_HOLD) {
      cutBeforeLastCharacter(text);
    }
    return piece;
  }

  /** Makes the tokens of the last piece the context of the next. */
  private void moveOn() {
    String text = decode(context, length);
    if (!text.isEmpty()) {
      drop(context);
      context = length;
      emitted = text.length();
    }
  }

  /**
   * Keeps the window short when bytes that are no text come one after another: drops what stands
   * before the last, perhaps incomplete, character, if there is a token boundary.
   */
  private void cutBeforeLastCharacter(String text) {
    for (int cut = length - 1; cut >= length - 3; cut--) {
      String rest = decode(cut, length);
      if (text.equals(decode(0, cut) + rest)) {
        drop(cut);
        context = 0;
        emitted = rest.length() - REPLACEMENT.length();
        return;
      }
    }
  }

  private void drop(int tokens) {
    System.arraycopy(window, tokens, window, 0, length - tokens);
    length -= tokens;
  }

  private String decode(int from, int to) {
    return tokenizer.decode(Arrays.copyOfRange(window, from, to), true);
  }
}
