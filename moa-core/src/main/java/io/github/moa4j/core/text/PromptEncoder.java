package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns conversations into the token ids that a model answers, in training, evaluation and serving
 * alike, so that nothing can differ between them: a tokenizer, a chat template, and the variables
 * that the template is rendered with.
 *
 * <p>Text is text: a control token that is spelled in what a conversation says ({@code <|im_end|>}
 * in the user's message) is encoded as the characters it is spelled with; only what the template
 * writes rules the conversation. The variable {@value #SPELLED_TOKENS_VARIABLE} restores the other
 * way.
 *
 * <p>Thread-safe. Does not own the tokenizer.
 */
public final class PromptEncoder {

  /**
   * The variable that is true if control tokens spelled in messages, tools and documents are to
   * become those tokens, as the Python libraries have it.
   */
  public static final String SPELLED_TOKENS_VARIABLE = "spelled_control_tokens";

  /** Texts that an answer is tokenised behind where it does not continue the prompt's tokens. */
  private static final List<String> ANCHORS = List.of("", "\n", "a", ".", "0", ")", "-", "é", "中");

  private final TextTokenizer tokenizer;
  private final PromptText text;
  private final ControlTokens control;
  private final Map<String, Object> variables;
  private final Set<Integer> endTokens = new LinkedHashSet<>();

  /**
   * Creates an encoder.
   *
   * @param variables of the template, such as {@code enable_thinking} (Qwen3), {@code date_string}
   *     (Llama 3.1), {@value ChatTemplate#DATE_VARIABLE} or {@value #SPELLED_TOKENS_VARIABLE}, by
   *     name; a conversation's own go before them
   */
  public PromptEncoder(TextTokenizer tokenizer, ChatTemplate template, Map<String, ?> variables) {
    this.tokenizer = tokenizer;
    this.text = new PromptText(template);
    this.control = new ControlTokens(tokenizer.vocabulary(), template);
    this.variables = Conversation.checkedVariables(variables);
    IntStream.of(tokenizer.encode(text.closing()))
        .filter(control::contains)
        .limit(1)
        .forEach(endTokens::add);
    endTokens.addAll(tokenizer.endTokens());
  }

  /** Returns the tokenizer. */
  public TextTokenizer tokenizer() {
    return tokenizer;
  }

  /** Returns the chat template. */
  public ChatTemplate template() {
    return text.template();
  }

  /** Returns the variables that every conversation's template is rendered with. */
  public Map<String, Object> variables() {
    return variables;
  }

  /**
   * Encodes a conversation for the model to answer.
   *
   * @throws MoaException if the template refuses the messages
   */
  public int[] encode(Conversation conversation) {
    Conversation all = withVariables(conversation);
    return tokens(all, text.prompt(all));
  }

  /**
   * Encodes a conversation for the model to answer, unless its prompt is far too long: of such a
   * prompt only the beginning is tokenised.
   *
   * @param most how many tokens there is room for
   * @return empty if the prompt surely has more; one that has a few more is encoded all the same
   * @throws MoaException if the template refuses the messages
   */
  public Optional<int[]> encode(Conversation conversation, int most) {
    Conversation all = withVariables(conversation);
    String plain = text.prompt(all);
    return tokenizer.isFarLonger(plain, most) ? Optional.empty() : Optional.of(tokens(all, plain));
  }

  private int[] tokens(Conversation conversation, String plain) {
    TextMarks marks = marks(conversation);
    return tokens(prompt(conversation, plain, marks), marks);
  }

  /**
   * Encodes a conversation and an answer to it, as the model is to learn it: the tokens of the
   * answer are those of the whole conversation behind the prompt's, up to the first token that ends
   * an answer. Where the answer's first characters would merge with the prompt's last ones, the
   * prompt's tokens stay those that are served.
   *
   * @throws MoaException if the template refuses the messages or does not tell where the answer
   *     starts, or the model has no token that ends an answer
   */
  public AnsweredPrompt encode(Conversation conversation, ChatMessage answer) {
    Conversation all = withVariables(conversation);
    TextMarks marks = marks(all.and(answer));
    String promptText = prompt(all, text.prompt(all), marks);
    String answerText = answer(all, answer, marks);
    int[] prompt = tokens(promptText, marks);
    int[] whole = tokens(promptText + answerText, marks);
    int[] behind =
        startsWith(whole, prompt)
            ? Arrays.copyOfRange(whole, prompt.length, whole.length)
            : continuation(prompt, whole, answerText, marks);
    return new AnsweredPrompt(prompt, ended(behind));
  }

  private Conversation withVariables(Conversation conversation) {
    Map<String, Object> all = new LinkedHashMap<>(variables);
    all.putAll(conversation.variables());
    return new Conversation(
        conversation.messages(), conversation.tools(), conversation.documents(), all);
  }

  private TextMarks marks(Conversation conversation) {
    return Boolean.TRUE.equals(conversation.variables().get(SPELLED_TOKENS_VARIABLE))
        ? TextMarks.nowhere(control)
        : TextMarks.everywhere(control, conversation);
  }

  /** The text of a prompt; what is said in it is marked. */
  private String prompt(Conversation conversation, String plain, TextMarks marks) {
    String marked = text.prompt(marks.mark(conversation));
    return marks.unmarked(marked).equals(plain)
        ? marked
        : text.prompt(marks.whereSpelled().mark(conversation));
  }

  /** The text of an answer; what is said in it is marked. */
  private String answer(Conversation conversation, ChatMessage answer, TextMarks marks) {
    String plain = text.answer(conversation, answer);
    String marked = text.answer(marks.mark(conversation), marks.mark(answer));
    TextMarks spelled = marks.whereSpelled();
    return marks.unmarked(marked).equals(plain)
        ? marked
        : text.answer(spelled.mark(conversation), spelled.mark(answer));
  }

  private int[] tokens(String marked, TextMarks marks) {
    if (!marks.mayHide(marked, tokenizer.vocabulary())) {
      return tokenizer.encode(marks.unmarked(marked));
    }
    GuardedTokenizer guarded = tokenizer.guarded(control.all());
    String named = control.replaceAll(marked, guarded::name);
    return guarded.encode(marks.unmarked(named));
  }

  /** Tokens of an answer that continue the text of a prompt's tokens. */
  private int[] continuation(int[] prompt, int[] whole, String answer, TextMarks marks) {
    String expected = tokenizer.decode(whole, true);
    for (String anchor : ANCHORS) {
      int[] start = tokenizer.encode(anchor);
      int[] anchored = tokens(anchor + answer, marks);
      if (startsWith(anchored, start)) {
        int[] tokens = Arrays.copyOfRange(anchored, start.length, anchored.length);
        if (tokenizer.decode(joined(prompt, tokens), true).equals(expected)) {
          return tokens;
        }
      }
    }
    throw new MoaException(
        "The tokenizer has no tokens for an answer behind the prompt's last one. Close the prompt"
            + " with another character, in the chat template or in the user's message");
  }

  private int[] ended(int[] tokens) {
    for (int i = 0; i < tokens.length; i++) {
      if (endTokens.contains(tokens[i])) {
        return Arrays.copyOf(tokens, i + 1);
      }
    }
    if (endTokens.isEmpty()) {
      throw new MoaException(
          "The model names no token that ends an answer, so it could not learn to stop; expected"
              + " eos_token_id in its generation_config.json");
    }
    return joined(tokens, new int[] {endTokens.iterator().next()});
  }

  /**
   * Returns the ids that end an answer: what the template closes a turn with, if that is a control
   * token, and {@link TextTokenizer#endTokens()}. What is learnt ends with the first of them, and
   * generation stops at any.
   */
  public Set<Integer> endTokens() {
    return Collections.unmodifiableSet(endTokens);
  }

  /** Returns the text that users receive of an answer's tokens: without the token that ends it. */
  public String text(AnsweredPrompt answered) {
    int[] answer = answered.answer();
    int last = answer.length - 1;
    return tokenizer.decode(
        last >= 0 && endTokens.contains(answer[last]) ? Arrays.copyOf(answer, last) : answer);
  }

  /**
   * Returns the tokens that open every answer: what the template writes for the assistant's turn
   * or, where it has no such opening, what all prompts end with. An activated adapter takes them as
   * its invocation tokens.
   *
   * @throws MoaException if prompts have no common end
   */
  public List<Integer> answerOpening() {
    Conversation question = withVariables(Conversation.of(ChatMessage.user("Which city is it?")));
    String opened = text.prompt(question);
    String closed = text.template().render(question, false);
    int[] tokens =
        opened.startsWith(closed) && opened.length() > closed.length()
            ? tokenizer.encode(opened.substring(closed.length()))
            : commonEnd(
                tokenizer.encode(opened),
                encode(Conversation.of(ChatMessage.user("List 12 words"))));
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

  private static boolean startsWith(int[] tokens, int[] start) {
    return tokens.length >= start.length
        && Arrays.equals(tokens, 0, start.length, start, 0, start.length);
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
