package io.github.moa4j.training.data;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.TextTokenizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Turns examples into token ids as the model will meet them when it answers.
 *
 * <p>The prompt is the chat template's text of the prompt with the assistant's turn opened. The
 * answer is what the template adds to that text when the assistant's message is written too: the
 * answer itself and the end of the turn. Both are tokenised apart, since an answer is generated
 * behind a prompt that was tokenised alone. What the template writes behind the token that ends an
 * answer (ChatML: a newline) is no part of the answer, as no generation goes on that far; if the
 * template writes no such token, one is added.
 *
 * <p>A prompt over the limit loses its beginning, an answer over the limit its end, end token
 * included.
 *
 * <p>Thread-safe. Does not own the tokenizer.
 */
public final class ExampleEncoder {

  private final ChatTemplate template;
  private final TextTokenizer tokenizer;
  private final int maxPromptTokens;
  private final int maxAnswerTokens;

  /**
   * Creates an encoder.
   *
   * @param maxPromptTokens number of a prompt's last tokens that are kept; at least 1
   * @param maxAnswerTokens number of an answer's first tokens that are kept; at least 1
   */
  public ExampleEncoder(
      ChatTemplate template, TextTokenizer tokenizer, int maxPromptTokens, int maxAnswerTokens) {
    if (maxPromptTokens < 1 || maxAnswerTokens < 1) {
      throw new IllegalArgumentException(
          "The limits of prompt and answer must be at least one token, found %d and %d"
              .formatted(maxPromptTokens, maxAnswerTokens));
    }
    this.template = template;
    this.tokenizer = tokenizer;
    this.maxPromptTokens = maxPromptTokens;
    this.maxAnswerTokens = maxAnswerTokens;
  }

  /** Encodes examples, in their order; see {@link #encode(Example)}. */
  public List<EncodedExample> encode(List<Example> examples) {
    return examples.stream().map(this::encode).toList();
  }

  /**
   * Encodes an example.
   *
   * @throws MoaException if the template refuses the messages or writes the assistant's turn
   *     otherwise than it opens it for an answer
   */
  public EncodedExample encode(Example example) {
    String opened = template.render(example.prompt(), true);
    String answered = template.render(example.conversation(), false);
    if (!answered.startsWith(opened)) {
      throw new MoaException(
          "The chat template writes an answered conversation otherwise than it opens an answer, so"
              + " there is no telling where the answer starts; expected the opened prompt at its"
              + " start. Use the model's template for training without reasoning or tools");
    }
    int[] prompt = prompt(opened);
    int[] answer = answer(answered.substring(opened.length()));
    int[] tokens = Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
    return new EncodedExample(tokens, prompt.length);
  }

  /**
   * Encodes a prompt as {@link #encode(Example)} does, for the model to answer.
   *
   * @param messages the conversation; its last message is the user's
   * @return the token ids, the last {@code maxPromptTokens} of them
   */
  public int[] encodePrompt(List<ChatMessage> messages) {
    return prompt(template.render(messages, true));
  }

  /**
   * Returns the tokens that open every answer: what the template writes for the assistant's turn
   * or, where it has no such opening, what all prompts end with. An activated adapter takes them as
   * its invocation tokens.
   *
   * @throws MoaException if prompts have no common end
   */
  public List<Integer> answerOpening() {
    List<ChatMessage> question = List.of(ChatMessage.user("Which city is it?"));
    String opened = template.render(question, true);
    String closed = template.render(question, false);
    int[] tokens =
        opened.startsWith(closed) && opened.length() > closed.length()
            ? tokenizer.encode(opened.substring(closed.length()))
            : commonEnd(
                tokenizer.encode(opened),
                tokenizer.encode(
                    template.render(List.of(ChatMessage.user("List 12 words")), true)));
    if (tokens.length == 0) {
      throw new MoaException(
          "The chat template opens the assistant's turn with nothing that all prompts share, so an"
              + " activated adapter has no invocation tokens");
    }
    return Arrays.stream(tokens).boxed().toList();
  }

  private static int[] commonEnd(int[] first, int[] second) {
    int length = 0;
    while (length < Math.min(first.length, second.length)
        && first[first.length - 1 - length] == second[second.length - 1 - length]) {
      length++;
    }
    return Arrays.copyOfRange(first, first.length - length, first.length);
  }

  private int[] prompt(String text) {
    int[] tokens = tokenizer.encode(text);
    return Arrays.copyOfRange(tokens, Math.max(0, tokens.length - maxPromptTokens), tokens.length);
  }

  private int[] answer(String text) {
    int[] tokens = tokenizer.encode(text);
    int end =
        IntStream.range(0, tokens.length)
            .filter(i -> tokenizer.endTokens().contains(tokens[tokens.length - 1 - i]))
            .map(i -> tokens.length - i)
            .findFirst()
            .orElse(0);
    int[] ended = end > 0 ? Arrays.copyOf(tokens, end) : withEndToken(tokens);
    return Arrays.copyOf(ended, Math.min(ended.length, maxAnswerTokens));
  }

  private int[] withEndToken(int[] tokens) {
    if (tokenizer.endTokens().isEmpty()) {
      throw new MoaException(
          "The model names no token that ends an answer, so it could not learn to stop; expected"
              + " eos_token_id in its generation_config.json");
    }
    int[] ended = Arrays.copyOf(tokens, tokens.length + 1);
    ended[tokens.length] = Collections.min(tokenizer.endTokens());
    return ended;
  }
}
