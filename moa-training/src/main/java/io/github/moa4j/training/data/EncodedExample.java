package io.github.moa4j.training.data;

import java.util.Arrays;

/**
 * An example as token ids: the prompt's, then the answer's with its end token. The loss is on the
 * answer's tokens only. Immutable and thread-safe as long as nobody writes into {@link #tokens()}.
 */
public final class EncodedExample {

  private final int[] tokens;
  private final int promptLength;
  private final boolean promptCut;
  private final boolean answerCut;

  /**
   * Creates an encoded example.
   *
   * @param tokens the token ids; not copied
   * @param promptLength how many of them are the prompt's
   * @throws IllegalArgumentException if the prompt or the answer has no token, or an id is negative
   */
  public EncodedExample(int[] tokens, int promptLength) {
    this(tokens, promptLength, false, false);
  }

  /**
   * Creates an encoded example that may be a part of a longer one.
   *
   * @param tokens the token ids; not copied
   * @param promptLength how many of them are the prompt's
   * @param promptCut whether the prompt lost its beginning
   * @param answerCut whether the answer lost its end
   * @throws IllegalArgumentException if the prompt or the answer has no token, or an id is negative
   */
  public EncodedExample(int[] tokens, int promptLength, boolean promptCut, boolean answerCut) {
    if (promptLength < 1 || promptLength >= tokens.length) {
      throw new IllegalArgumentException(
          "%d of %d tokens are the prompt's; prompt and answer must have at least one token each"
              .formatted(promptLength, tokens.length));
    }
    if (Arrays.stream(tokens).anyMatch(token -> token < 0)) {
      throw new IllegalArgumentException("A token id must not be negative");
    }
    this.tokens = tokens;
    this.promptLength = promptLength;
    this.promptCut = promptCut;
    this.answerCut = answerCut;
  }

  /** Returns the token ids of prompt and answer; the array itself, not to be written to. */
  public int[] tokens() {
    return tokens;
  }

  /** Returns a copy of the prompt's token ids. */
  public int[] prompt() {
    return Arrays.copyOf(tokens, promptLength);
  }

  /** Returns how many of the tokens are the prompt's. */
  public int promptLength() {
    return promptLength;
  }

  /** Returns how many of the tokens are the answer's, its end token included. */
  public int answerLength() {
    return tokens.length - promptLength;
  }

  /** Whether the prompt was over the limit and lost its beginning. */
  public boolean promptCut() {
    return promptCut;
  }

  /** Whether the answer was over the limit and lost its end. */
  public boolean answerCut() {
    return answerCut;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EncodedExample that
        && promptLength == that.promptLength
        && Arrays.equals(tokens, that.tokens);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + promptLength;
  }

  @Override
  public String toString() {
    return "EncodedExample[%d prompt and %d answer tokens]".formatted(promptLength, answerLength());
  }
}
