package io.github.moa4j.core.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.ToolCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Conversations with calls of tools as the families' templates write them, and the calls read back
 * from what was written. {@code render-tools.py} beside the templates made the goldens; with {@code
 * -Dmoa.templates=FOLDER} its goldens of real models' templates are compared as well.
 */
final class ToolTemplateTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final List<String> ENDS =
      List.of("<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "</s>");

  @TestFactory
  List<DynamicTest> writesAndReadsWhatTheTemplatesWrite() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    add(Path.of("src/test/resources/templates"), tests);
    String others = System.getProperty("moa.templates");
    if (others != null) {
      add(Path.of(others), tests);
    }
    return tests;
  }

  private static void add(Path folder, List<DynamicTest> tests) throws IOException {
    JsonNode file = MAPPER.readTree(folder.resolve("tools.json").toFile());
    String tools = file.get("tools").toString();
    for (JsonNode golden : file.get("goldens")) {
      String name = golden.get("template").asText();
      String title = golden.get("conversation").asText();
      boolean prompt = golden.get("prompt").asBoolean();
      Conversation conversation =
          Conversation.of(messages(file.get("conversations").get(title))).withTools(tools);
      tests.add(
          dynamicTest(
              name + ", " + title + (prompt ? ", prompt" : ""),
              () -> {
                ChatTemplate template = template(folder.resolve(name));
                if (golden.has("refused")) {
                  assertThatThrownBy(() -> template.render(conversation, prompt))
                      .isInstanceOf(MoaException.class)
                      .hasMessageContaining(golden.get("refused").asText());
                } else {
                  String written = template.render(conversation, prompt);
                  assertThat(written).isEqualTo(golden.get("expected").asText());
                  if (!prompt) {
                    readsBack(template, conversation, file.get("conversations").get(title));
                  }
                }
              }));
    }
  }

  private static ChatTemplate template(Path path) throws IOException {
    return Files.isDirectory(path)
        ? ChatTemplate.read(path)
        : ChatTemplate.of(Files.readString(path), Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }

  private static List<ChatMessage> messages(JsonNode messages) {
    return StreamSupport.stream(messages.spliterator(), false)
        .map(ToolTemplateTest::message)
        .toList();
  }

  private static ChatMessage message(JsonNode message) {
    String content = message.get("content").asText();
    return switch (message.get("role").asText()) {
      case "tool" ->
          ChatMessage.tool(
              content, message.get("tool_call_id").asText(), message.get("name").asText());
      case "assistant" -> answer(message).withContent(content);
      case "system" -> ChatMessage.system(content);
      default -> ChatMessage.user(content);
    };
  }

  private static ChatMessage answer(JsonNode message) {
    return message.has("tool_calls")
        ? ChatMessage.calling(calls(message).toArray(ToolCall[]::new))
        : ChatMessage.assistant("");
  }

  private static List<ToolCall> calls(JsonNode message) {
    return StreamSupport.stream(message.get("tool_calls").spliterator(), false)
        .map(
            call ->
                new ToolCall(
                    call.get("id").asText(),
                    call.get("function").get("name").asText(),
                    MAPPER.convertValue(
                        call.get("function").get("arguments"),
                        new TypeReference<Map<String, Object>>() {})))
        .toList();
  }

  /** What stands between the prompt and the end of the turn is what a model would have written. */
  private static void readsBack(ChatTemplate template, Conversation conversation, JsonNode given) {
    List<ChatMessage> messages = conversation.messages();
    for (int i = 1; i < messages.size(); i++) {
      JsonNode message = given.get(i);
      if (message.has("tool_calls")) {
        String before = template.render(conversation.withMessages(messages.subList(0, i)), true);
        String with = template.render(conversation.withMessages(messages.subList(0, i + 1)), false);
        assertThat(with).startsWith(before);
        String answer = with.substring(before.length()).stripTrailing();
        for (String end : ENDS) {
          answer =
              answer.endsWith(end) ? answer.substring(0, answer.length() - end.length()) : answer;
        }
        ToolAnswer read = ToolAnswer.read(answer, List.of("weather", "get_time"));
        assertThat(withoutIds(read.calls())).as(answer).isEqualTo(withoutIds(calls(message)));
      }
    }
  }

  private static JsonNode withoutIds(List<ToolCall> calls) {
    return MAPPER.valueToTree(
        calls.stream().map(call -> List.of(call.name(), call.arguments())).toList());
  }
}
