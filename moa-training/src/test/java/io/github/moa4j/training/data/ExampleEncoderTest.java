package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.core.text.ToolCall;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
final class ExampleEncoderTest {

  private static final Path MODEL = Path.of("../moa-core/src/test/resources/base-tokenizer");

  private static final String CHAT_ML =
      """
      {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' \
      + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

  private static final String LLAMA_3 =
      """
      {% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] \
      + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|endoftext|>' %}\
      {% if loop.index0 == 0 %}{% set content = '<|begin|>' + content %}{% endif %}\
      {{ content }}{% endfor %}{% if add_generation_prompt %}\
      {{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}""";

  private TextTokenizer tokenizer;

  @BeforeAll
  void open() {
    tokenizer = TextTokenizer.open(MODEL);
  }

  @AfterAll
  void close() {
    tokenizer.close();
  }

  @Test
  void encodesPromptThenAnswerThenEndWhereTheTemplateHasNoOpening() {
    EncodedExample encoded = encoder(ChatTemplate.read(MODEL)).encode(Example.of("Who?", "Me"));
    assertThat(prompt(encoded)).isEqualTo("Who?\n");
    assertThat(answer(encoded)).isEqualTo("Me<|endoftext|>");
    assertThat(encoded.tokens()[encoded.tokens().length - 1]).isZero();
  }

  @Test
  void endsWithTheTokenThatClosesTheTurnThoughTheFilesNameAnother() {
    EncodedExample encoded = encoder(template(CHAT_ML)).encode(Example.of("Who?", "Me"));
    assertThat(prompt(encoded))
        .isEqualTo("<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n");
    assertThat(answer(encoded)).isEqualTo("Me<|im_end|>");
  }

  @Test
  void leavesOutWhatTheTemplateWritesBehindTheEndToken() {
    String endingInNewline = CHAT_ML.replace("<|im_end|>", "<|endoftext|>");
    EncodedExample encoded = encoder(template(endingInNewline)).encode(Example.of("Who?", "Me"));
    assertThat(answer(encoded)).isEqualTo("Me<|endoftext|>");
  }

  @Test
  void encodesLlama3Turns() {
    EncodedExample encoded = encoder(template(LLAMA_3)).encode(Example.of("Who?", "Me"));
    assertThat(prompt(encoded)).startsWith("<|begin|>").endsWith("assistant<|end_header_id|>\n\n");
    assertThat(answer(encoded)).isEqualTo("Me<|endoftext|>");
  }

  @Test
  void earlierAnswersBelongToThePrompt() {
    Example example =
        new Example(
            List.of(ChatMessage.user("1"), ChatMessage.assistant("one"), ChatMessage.user("2")),
            "two");
    EncodedExample encoded = encoder(ChatTemplate.read(MODEL)).encode(example);
    assertThat(prompt(encoded)).isEqualTo("1\none<|endoftext|>2\n");
    assertThat(answer(encoded)).isEqualTo("two<|endoftext|>");
  }

  @Test
  void promptIsEncodedAsItWillBeAtInference() {
    ExampleEncoder encoder = encoder(template(LLAMA_3));
    Example example = Example.of("Who is there?", "Nobody");
    EncodedExample encoded = encoder.encode(example);
    assertThat(Arrays.copyOf(encoded.tokens(), encoded.promptLength()))
        .isEqualTo(encoder.encodePrompt(example));
  }

  @Test
  void cutsPromptsOnTheLeftAndAnswersOnTheRight() {
    PromptEncoder prompts = new PromptEncoder(tokenizer, ChatTemplate.read(MODEL), Map.of());
    Example example = Example.of("1234567", "7654321");
    EncodedExample cut = new ExampleEncoder(prompts, 3, 4).encode(example);
    assertThat(prompt(cut)).isEqualTo("67\n");
    assertThat(answer(cut)).isEqualTo("7654");
    EncodedExample whole = new ExampleEncoder(prompts, 8, 8).encode(example);
    assertThat(whole.tokens()).hasSize(16);
    assertThat(whole.answerLength()).isEqualTo(8);
  }

  @Test
  void learnsBehindThePromptThatIsServedWhereTheTemplateWritesAnsweredTurnsOtherwise() {
    String other = CHAT_ML.replace("assistant\\n' }}", "helper\\n' }}");
    EncodedExample encoded = encoder(template(other)).encode(Example.of("Who?", "Me"));
    assertThat(prompt(encoded)).endsWith("<|im_start|>helper\n");
    assertThat(answer(encoded)).isEqualTo("Me<|im_end|>");
  }

  @Test
  void comparesWithTheCallsThatAreLearnt() {
    String calling =
        "{% for m in messages %}{{ m.content }}{% for call in m.tool_calls or [] %}"
            + "{{ '<call>' + call.function.name + (call.function.arguments | tojson) }}"
            + "{% endfor %}{{ '<|im_end|>' }}{% endfor %}";
    ExampleEncoder encoder = encoder(template(calling));
    Example call =
        new Example(
            Conversation.of(ChatMessage.user("What time is it?")),
            ChatMessage.calling(ToolCall.of("now", Map.of("zone", "UTC"))),
            "");
    assertThat(answer(encoder.encode(call))).isEqualTo("<call>now{\"zone\": \"UTC\"}<|im_end|>");
    assertThat(encoder.reference(call)).isEqualTo("<call>now{\"zone\": \"UTC\"}");
    assertThat(encoder.reference(Example.of("Who?", "Me "))).isEqualTo("Me ");
  }

  @Test
  void refusesLimitsBelowOneToken() {
    PromptEncoder prompts = new PromptEncoder(tokenizer, ChatTemplate.read(MODEL), Map.of());
    assertThatThrownBy(() -> new ExampleEncoder(prompts, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private ExampleEncoder encoder(ChatTemplate template) {
    return new ExampleEncoder(new PromptEncoder(tokenizer, template, Map.of()), 384, 256);
  }

  private static ChatTemplate template(String text) {
    return ChatTemplate.of(text, Map.of());
  }

  private String prompt(EncodedExample example) {
    return tokenizer.decode(Arrays.copyOf(example.tokens(), example.promptLength()), true);
  }

  private String answer(EncodedExample example) {
    int[] tokens = example.tokens();
    return tokenizer.decode(
        Arrays.copyOfRange(tokens, example.promptLength(), tokens.length), true);
  }
}
