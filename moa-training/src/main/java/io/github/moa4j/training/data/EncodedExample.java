package io.github.moa4j.training.data;

/**
 * An example as the model sees it.
 *
 * @param tokens prompt tokens, then answer tokens with the end token
 * @param promptLength number of prompt tokens; the loss is on the others
 */
public record EncodedExample(int[] tokens, int promptLength) {

  /** Validates the components. */
  public EncodedExample {
    if (promptLength < 1 || promptLength >= tokens.length) {
      throw new IllegalArgumentException(
          "An example of %d tokens needs a prompt and an answer, but its prompt has %d tokens"
              .formatted(tokens.length, promptLength));
    }
  }

  /** Returns the number of answer tokens. */
  public int answerLength() {
    return tokens.length - promptLength;
  }
}
