package io.github.moa4j.core.text;

import static io.github.moa4j.core.text.ChatMessage.assistant;
import static io.github.moa4j.core.text.ChatMessage.system;
import static io.github.moa4j.core.text.ChatMessage.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.TextFile;
import io.github.moa4j.core.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {

  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  @TempDir Path directory;

  private static ChatTemplate family(String name) {
    Path file = TestTokenizers.resource("templates/" + name + ".jinja");
    return ChatTemplate.of(TextFile.read(file, 1 << 20, MoaException::new), TOKENS);
  }

  @Test
  void writesChatMl() {
    assertThat(family("chatml").render(List.of(system("Be brief."), user("Hi")), true))
        .isEqualTo(
            """
            <|im_start|>system
            Be brief.<|im_end|>
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void writesTheStyleOfLlama3() {
    assertThat(family("llama3").render(List.of(user(" Hi \n"), assistant("Yes")), true))
        .isEqualTo(
            "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\nYes<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\n");
  }

  @Test
  void writesTheStyleOfLlama31WithAFixedDate() {
    assertThat(family("llama31").render(List.of(user("Hi")), false))
        .isEqualTo(
            "<s><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul 2024\n\n<|eot_id|>"
                + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>");
  }

  @Test
  void takesFurtherVariablesFromTheCaller() {
    Conversation hi = Conversation.of(user("Hi"));
    assertThat(family("llama31").render(hi.with("date_string", "1 May 2025"), false))
        .contains("Today: 1 May 2025\n");
    assertThat(family("llama31").render(hi.with(ChatTemplate.DATE_VARIABLE, "2026-01-31"), false))
        .contains("Today: 31 Jan 2026\n");
    assertThatThrownBy(
            () -> family("llama31").render(hi.with(ChatTemplate.DATE_VARIABLE, "today"), false))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("2026-01-31");
  }

  @Test
  void writesTheStylesOfMistral() {
    List<ChatMessage> messages = List.of(user("Hi"), assistant("Yes "), user("Why?"));
    assertThat(family("mistral-v1").render(messages, true))
        .isEqualTo("<s>[INST] Hi [/INST]Yes </s> [INST] Why? [/INST]");
    assertThat(family("mistral-v3").render(messages, true))
        .isEqualTo("<s>[INST] Hi[/INST] Yes</s>[INST] Why?[/INST]");
    assertThat(family("mistral-v3").render(List.of(system("Be brief."), user("Hi")), true))
        .isEqualTo("<s>[INST] Be brief.\n\nHi[/INST]");
  }

  @Test
  void writesTheStyleOfQwen2() {
    assertThat(family("qwen2").render(List.of(user("Hi")), true))
        .isEqualTo(
            """
            <|im_start|>system
            You help.<|im_end|>
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void writesTheStyleOfQwen3WithoutEarlierThoughts() {
    List<ChatMessage> messages =
        List.of(
            user("Hi"),
            assistant("<think>\nGreet.\n</think>\n\nHello"),
            user("2+2"),
            assistant("<think>\nFour.\n</think>\n\n4"));
    assertThat(family("qwen3").render(messages, false))
        .isEqualTo(
            """
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            Hello<|im_end|>
            <|im_start|>user
            2+2<|im_end|>
            <|im_start|>assistant
            <think>
            Four.
            </think>

            4<|im_end|>
            """);
    assertThat(
            family("qwen3").render(Conversation.of(messages).with("enable_thinking", false), true))
        .endsWith("4<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
  }

  @Test
  void leavesMessagesThatLookLikeTemplatesAsTheyAre() {
    String content = "{{ 7 * 7 }}{% raw %}{# no #} {{ messages }}";
    assertThat(
            ChatTemplate.of("{{ messages[0].content }}", Map.of())
                .render(List.of(user(content)), true))
        .isEqualTo(content);
  }

  @Test
  void writesCallsForTemplatesThatWantNoContentAndForThoseThatWantAnEmptyOne() {
    Conversation calling =
        Conversation.of(user("Hi"), ChatMessage.calling(ToolCall.of("now", Map.of("zone", "UTC"))));
    String call = "{% for c in m.tool_calls or [] %}{{ c.function | tojson }}{% endfor %}";
    String loop = "{% for m in messages %}";
    String now = "{\"name\": \"now\", \"arguments\": {\"zone\": \"UTC\"}}";
    assertThat(
            ChatTemplate.of(
                    loop + "{% if m.content is none %}" + call + "{% endif %}{% endfor %}",
                    Map.of())
                .render(calling, false))
        .isEqualTo(now);
    assertThat(
            ChatTemplate.of(loop + "{{ m.content + '|' }}" + call + "{% endfor %}", Map.of())
                .render(calling, false))
        .isEqualTo("Hi||" + now);
    assertThatThrownBy(
            () ->
                ChatTemplate.of(loop + "{{ m.content }}{% endfor %}", Map.of())
                    .render(calling, false))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("writes no calls of tools");
  }

  @Test
  void aRefusalNamesTheFileAndToOthersTheReasonOnly() throws IOException {
    Files.writeString(
        directory.resolve("chat_template.jinja"),
        "{% for m in messages %}\n{{ raise_exception('Roles must take turns') }}{% endfor %}");
    Files.writeString(directory.resolve("tokenizer_config.json"), "{}");
    ChatTemplate strict = ChatTemplate.read(directory);
    assertThatThrownBy(() -> strict.render(List.of(user("Hi")), true))
        .hasMessageContainingAll("chat_template.jinja", "Roles must take turns")
        .isInstanceOfSatisfying(
            TemplateException.class,
            refused ->
                assertThat(refused.reason())
                    .contains("Roles must take turns")
                    .doesNotContain("chat_template.jinja"));
  }

  @Test
  void readsPartsWhereTheTemplateDoes() {
    Conversation parts =
        Conversation.of(ChatMessage.ofParts("user", List.of("one", "two")), assistant("x"));
    String reads =
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
            + "{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}";
    assertThat(ChatTemplate.of(reads, Map.of()).render(parts, false)).isEqualTo("onetwox");
    assertThat(
            ChatTemplate.of("{% for m in messages %}{{ m.content }}{% endfor %}", Map.of())
                .render(parts, false))
        .isEqualTo("one\ntwox");
  }

  @Test
  void takesTheTemplateForToolsWhereThereAreTools() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
            + " {\"name\": \"tool_use\", \"template\": \"{{ tools | length }} tools\"}]}");
    Conversation hi = Conversation.of(user("Hi"));
    assertThat(ChatTemplate.read(directory).render(hi, true)).isEqualTo("plain");
    assertThat(ChatTemplate.read(directory).render(hi.withTools("[{\"name\": \"f\"}]"), true))
        .isEqualTo("1 tools");
  }

  @Test
  void saysWhyTheTemplateRefusesTheMessages() {
    assertThatThrownBy(() -> family("mistral-v1").render(List.of(user("a"), user("b")), true))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("chat template", "must take turns");
  }

  @Test
  void readsTheTemplateOfTheBase() {
    assertThat(ChatTemplate.read(TestTokenizers.base()).render(List.of(user("1+1")), true))
        .isEqualTo("1+1\n");
    assertThat(
            ChatTemplate.read(TestTokenizers.base())
                .render(List.of(user("1+1"), assistant("2")), false))
        .isEqualTo("1+1\n2<|endoftext|>");
  }

  @Test
  void takesTheDefaultOfSeveralTemplatesAndTokensGivenAsObjects() {
    assertThat(ChatTemplate.read(TestTokenizers.byteFallback()).render(List.of(user("a")), true))
        .isEqualTo("<s>[user]a");
  }

  @Test
  void prefersTheFileOfItsOwn() throws IOException {
    write("tokenizer_config.json", "{\"eos_token\": \"E\", \"chat_template\": \"config\"}");
    assertThat(render()).isEqualTo("config");
    write("chat_template.json", "{\"chat_template\": \"json\"}");
    assertThat(render()).isEqualTo("json");
    write("chat_template.jinja", "jinja {{ eos_token }}\n");
    assertThat(render()).isEqualTo("jinja E");
  }

  @Test
  void leavesATokenTheModelLacksUndefined() throws IOException {
    write("chat_template.jinja", "[{{ bos_token }}]{{ bos_token is defined }}");
    write("tokenizer_config.json", "{\"bos_token\": null}");
    assertThat(render()).isEqualTo("[]False");
  }

  private String render() {
    return ChatTemplate.read(directory).render(List.of(user("a")), true);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  @Test
  void refusesAModelWithoutATemplate() throws IOException {
    assertRefused(directory.toString(), "has no chat template", "as a text");
    write("tokenizer_config.json", "{\"chat_template\": null}");
    assertRefused(directory.toString(), "has no chat template");
  }

  @Test
  void refusesSeveralTemplatesWithoutADefault() throws IOException {
    write(
        "tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"x\"}]}");
    assertRefused("tokenizer_config.json", "\"default\"", "rag");
  }

  @Test
  void refusesATemplateOrTokenThatIsNoText() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": 3}");
    assertRefused("tokenizer_config.json", "chat_template is 3", "must be a text");
    write("tokenizer_config.json", "{\"eos_token\": 3, \"chat_template\": \"x\"}");
    assertRefused("tokenizer_config.json", "eos_token is 3", "must be a string");
  }

  @Test
  void refusesMalformedJson() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": ");
    assertRefused("tokenizer_config.json", "not valid JSON");
  }

  @Test
  void refusesATemplateThatIsNotValidWithItsFileAndLine() throws IOException {
    write("chat_template.jinja", "{% for m in messages %}\n{{ m.content }}\n{% endif %}");
    assertRefused("chat_template.jinja", "not valid", "line 3");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> ChatTemplate.read(directory))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void refusesAMessageWithoutARole() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatMessage(" ", "a"))
        .withMessageContaining("role");
  }

  @Test
  void takesJacksonNodesForTheirValues() throws IOException {
    JsonNode node =
        new JsonMapper().readTree("{'a': [1, 2.5, true, null, 'x']}".replace('\'', '"'));
    ChatTemplate template =
        ChatTemplate.of("{% for k in v %}{{ k }}{{ v.a }}{{ w[0] }}{% endfor %}", Map.of());
    Map<String, Object> variables = Map.of("v", node, "w", List.of(node.get("a").get(4)));
    assertThat(
            template.render(
                new Conversation(List.of(user("Hi")), List.of(), List.of(), variables), false))
        .isEqualTo("a[1, 2.5, True, None, 'x']x");
  }
}
