package io.github.moa4j.training.data;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.text.AnsweredPrompt;
import io.github.moa4j.core.text.PromptEncoder;
import java.util.Arrays;
import java.util.List;

/**
 * Turns examples into token ids as the model will meet them when it answers: prompts as they are
 * served, and behind them the answers, up to the first token that ends one ({@link PromptEncoder}).
 *
 * <p>A prompt over the limit loses its beginning, an answer over the limit its end, end token
 * included.
 *
 * <p>Thread-safe. Does not own the tokenizer.
 */
public final class ExampleEncoder {

  private final PromptEncoder prompts;
  private final int maxPromptTokens;
  private final int maxAnswerTokens;

  /**
   * Creates an encoder.
   *
   * @param prompts makes the tokens, here as when the mixture answers
   * @param maxPromptTokens number of a prompt's last tokens that are kept; at least 1
   * @param maxAnswerTokens number of an answer's first tokens that are kept; at least 1
   */
  public ExampleEncoder(PromptEncoder prompts, int maxPromptTokens, int maxAnswerTokens) {
    if (maxPromptTokens < 1 || maxAnswerTokens < 1) {
      throw new IllegalArgumentException(
          "The limits of prompt and answer must be at least one token, found %d and %d"
              .formatted(maxPromptTokens, maxAnswerTokens));
    }
    this.prompts = prompts;
    this.maxPromptTokens = maxPromptTokens;
    this.maxAnswerTokens = maxAnswerTokens;
  }

  /** Returns what makes the tokens. */
  public PromptEncoder prompts() {
    return prompts;
  }

  /** Encodes examples, in their order; see {@link #encode(Example)}. */
  public List<EncodedExample> encode(List<Example> examples) {
    return examples.stream().map(this::encode).toList();
  }

  /**
   * Encodes an example.
   *
   * @throws MoaException if the template refuses the messages or writes the assistant's turn in a
   *     way that does not tell where the answer starts
   */
  public EncodedExample encode(Example example) {
    AnsweredPrompt answered = prompts.encode(example.context(), example.reply());
    int[] prompt = lastTokens(answered.prompt());
    int[] answer = answered.answer();
    int length = Math.min(answer.length, maxAnswerTokens);
    int[] tokens = Arrays.copyOf(prompt, prompt.length + length);
    System.arraycopy(answer, 0, tokens, prompt.length, length);
    return new EncodedExample(
        tokens, prompt.length, prompt.length < answered.prompt().length, length < answer.length);
  }

  /**
   * Encodes a prompt as {@link #encode(Example)} does, for the model to answer.
   *
   * @return the token ids, the last {@code maxPromptTokens} of them
   */
  public int[] encodePrompt(Example example) {
    return lastTokens(prompts.encode(example.context()));
  }

  /**
   * Returns the text that an example's answer is compared with: what a model that has learnt it
   * writes, with its thoughts and calls of tools.
   */
  public String reference(Example example) {
    return example.reply().fields().isEmpty()
        ? example.answer()
        : prompts.text(prompts.encode(example.context(), example.reply()));
  }

  /**
   * Returns the tokens that open every answer, which an activated adapter takes as its invocation
   * tokens; see {@link PromptEncoder#answerOpening()}.
   */
  public List<Integer> answerOpening() {
    return prompts.answerOpening();
  }

  private int[] lastTokens(int[] tokens) {
    return Arrays.copyOfRange(tokens, Math.max(0, tokens.length - maxPromptTokens), tokens.length);
  }
}
