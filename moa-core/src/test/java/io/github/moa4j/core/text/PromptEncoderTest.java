package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptEncoderTest {

  private static final Path CHAT_ML = TestTokenizers.resource("dialogues/chatml");
  private static final Path THINK = TestTokenizers.resource("dialogues/think");
  private static final Path SENTENCE_PIECE = TestTokenizers.resource("dialogues/sentencepiece");

  private static final Conversation HI = Conversation.of(ChatMessage.user("Hi there"));
  private static final ChatMessage ANSWER = ChatMessage.assistant("You there");

  @Test
  void learnsNothingBehindTheTokenThatClosesTheTurn() {
    check(
        CHAT_ML,
        Map.of(),
        "<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n",
        "You there<|im_end|>");
  }

  @Test
  void leavesOutThoughtsThatTheTemplateWritesByItself() {
    check(
        THINK,
        Map.of(),
        "<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n",
        "You there<|im_end|>");
    check(
        THINK,
        Map.of("enable_thinking", false),
        "<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
        "You there<|im_end|>");
  }

  @Test
  void noVariableTakesThePlaceOfTheConversation() {
    for (String name : List.of("messages", "tools", "documents", "add_generation_prompt")) {
      assertThatThrownBy(() -> HI.with(name, List.of()))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining(name);
      try (TextTokenizer tokenizer = TextTokenizer.open(CHAT_ML)) {
        assertThatThrownBy(() -> encoder(tokenizer, CHAT_ML, Map.of(name, true)))
            .isInstanceOf(MoaException.class)
            .hasMessageContaining(name);
      }
    }
  }

  @Test
  void answerContinuesTheTokensOfTheConversation() {
    try (TextTokenizer tokenizer = TextTokenizer.open(SENTENCE_PIECE)) {
      PromptEncoder prompts = encoder(tokenizer, SENTENCE_PIECE, Map.of());
      AnsweredPrompt answered = prompts.encode(HI, ANSWER);
      assertThat(answered.prompt()).isEqualTo(tokenizer.encode("<s>[INST] Hi there [/INST]"));
      assertThat(joined(answered))
          .isEqualTo(tokenizer.encode("<s>[INST] Hi there [/INST] You there</s>"));
      int[] text = Arrays.copyOf(answered.answer(), answered.answer().length - 1);
      assertThat(tokenizer.decode(text)).isEqualTo("You there");
      assertThat(streamed(tokenizer, text)).isEqualTo("You there");
    }
  }

  @Test
  void promptKeepsItsTokensWhereTheAnswerWouldMergeWithThem() {
    Path base = TestTokenizers.base();
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      PromptEncoder prompts =
          new PromptEncoder(
              tokenizer,
              ChatTemplate.of(
                  "{% for m in messages %}{{ m.content }}"
                      + "{% if m.role == 'user' %}{{ ' >' }}{% else %}{{ eos_token }}{% endif %}"
                      + "{% endfor %}",
                  base),
              Map.of());
      for (String answer : List.of("=", " =", "\n\n x", ">> b", "🤖", "é")) {
        AnsweredPrompt answered = prompts.encode(HI, ChatMessage.assistant(answer));
        assertThat(answered.prompt()).isEqualTo(prompts.encode(HI));
        assertThat(tokenizer.decode(joined(answered), true))
            .isEqualTo("Hi there >" + answer + "<|endoftext|>");
      }
    }
  }

  @Test
  void opensTheTurnWhereTheTemplateDoesNot() {
    Path base = TestTokenizers.base();
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      PromptEncoder prompts =
          new PromptEncoder(
              tokenizer,
              ChatTemplate.of(
                  "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}",
                  base),
              Map.of());
      AnsweredPrompt answered = prompts.encode(HI, ANSWER);
      assertThat(tokenizer.decode(answered.prompt(), true)).isEqualTo("user: Hi there\nassistant:");
      assertThat(tokenizer.decode(answered.answer(), true)).isEqualTo(" You there\n<|endoftext|>");
      assertThat(prompts.encode(HI)).isEqualTo(answered.prompt());
    }
  }

  @Test
  void answersEndAtWhatTheTemplateClosesATurnWithAndAtWhatTheFilesName() {
    assertThat(endTokens(CHAT_ML)).containsExactly(258, 256, 2);
    assertThat(endTokens(THINK)).containsExactly(258, 256, 2);
    assertThat(endTokens(SENTENCE_PIECE)).containsExactly(2);
  }

  @Test
  void learnsTheThoughtsThatAnAnswerHas() {
    Path qwen3 = TestTokenizers.resource("templates/qwen3.jinja");
    try (TextTokenizer tokenizer = TextTokenizer.open(THINK)) {
      ChatTemplate template = ChatTemplate.of(TestTokenizers.text(qwen3), Map.of());
      PromptEncoder free = new PromptEncoder(tokenizer, template, Map.of());
      ChatMessage thoughtful = ANSWER.withReasoning("Greet.");
      assertThat(tokenizer.decode(free.encode(HI, thoughtful).answer(), true))
          .isEqualTo("<think>\nGreet.\n</think>\n\nYou there<|im_end|>");
      ChatMessage spelled = ChatMessage.assistant("<think>\nGreet.\n</think>\n\nYou there");
      assertThat(free.encode(HI, spelled).answer()).isEqualTo(free.encode(HI, thoughtful).answer());
      PromptEncoder thoughtless =
          new PromptEncoder(tokenizer, template, Map.of("enable_thinking", false));
      assertThatThrownBy(() -> thoughtless.encode(HI, thoughtful))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("enable_thinking");
      Conversation thinking = HI.with("enable_thinking", true);
      assertThat(thoughtless.encode(thinking, thoughtful).answer())
          .isEqualTo(free.encode(HI, thoughtful).answer());
    }
  }

  private static void check(Path model, Map<String, ?> variables, String prompt, String answer) {
    try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
      PromptEncoder prompts = encoder(tokenizer, model, variables);
      AnsweredPrompt answered = prompts.encode(HI, ANSWER);
      assertThat(tokenizer.decode(answered.prompt(), true)).isEqualTo(prompt);
      assertThat(answered.prompt()).isEqualTo(prompts.encode(HI));
      assertThat(tokenizer.decode(answered.answer(), true)).isEqualTo(answer);
      assertThat(joined(answered)).isEqualTo(tokenizer.encode(prompt + answer));
    }
  }

  private static Set<Integer> endTokens(Path model) {
    try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
      return encoder(tokenizer, model, Map.of()).endTokens();
    }
  }

  private static PromptEncoder encoder(
      TextTokenizer tokenizer, Path model, Map<String, ?> variables) {
    return new PromptEncoder(tokenizer, ChatTemplate.read(model), variables);
  }

  private static int[] joined(AnsweredPrompt answered) {
    return IntStream.concat(Arrays.stream(answered.prompt()), Arrays.stream(answered.answer()))
        .toArray();
  }

  private static String streamed(TextTokenizer tokenizer, int[] tokens) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(detokenizer.accept(token));
    }
    return text.append(detokenizer.finish()).toString();
  }
}
