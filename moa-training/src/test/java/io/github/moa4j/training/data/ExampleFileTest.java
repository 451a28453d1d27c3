package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.text.ToolCall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExampleFileTest {

  private static final String GOOD = "{\"instruction\": \"q\", \"input\": \"\", \"output\": \"a\"}";

  @TempDir private Path folder;

  @Test
  void readsAlpacaLines() {
    assertThat(
            examples(
                "{\"instruction\": \"Add up.\", \"input\": \"1 and 2\", \"output\": \"3\"}",
                "{\"instruction\": \"Say hello.\", \"input\": \"\", \"output\": \"Hello!\"}",
                "{\"instruction\": \"Say bye.\", \"input\": null, \"output\": \"Bye!\\n\", \"id\": 7}",
                "{\"instruction\": \"Say no.\", \"output\": \"No\"}"))
        .containsExactly(
            Example.of("Add up.", "1 and 2", "3"),
            Example.of("Say hello.", "Hello!"),
            Example.of("Say bye.", "Bye!\n"),
            Example.of("Say no.", "No"));
  }

  @Test
  void readsConversationsOfSeveralTurnsAmongAlpacaLines() {
    assertThat(
            examples(
                GOOD,
                "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"},"
                    + " {\"role\": \"user\", \"content\": \"Hi\"},"
                    + " {\"role\": \"assistant\", \"content\": \"Hello\"},"
                    + " {\"role\": \"user\", \"content\": \"Who?\"},"
                    + " {\"role\": \"assistant\", \"content\": \"Me\"}]}"))
        .containsExactly(
            Example.of("q", "a"),
            new Example(
                List.of(
                    ChatMessage.system("Be brief."),
                    ChatMessage.user("Hi"),
                    ChatMessage.assistant("Hello"),
                    ChatMessage.user("Who?")),
                "Me"));
  }

  @Test
  void readsCallsOfToolsReasoningAndParts() {
    String tool = "{\"type\": \"function\", \"function\": {\"name\": \"now\"}}";
    String line =
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\","
            + " \"text\": \"What time\"}, {\"type\": \"text\", \"text\": \"is it?\"}]},"
            + " {\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": \"c1\","
            + " \"type\": \"function\", \"function\": {\"name\": \"now\","
            + " \"arguments\": \"{\\\"zone\\\": \\\"UTC\\\"}\"}}]},"
            + " {\"role\": \"tool\", \"tool_call_id\": \"c1\", \"name\": \"now\","
            + " \"content\": \"\"},"
            + " {\"role\": \"assistant\", \"reasoning_content\": \"Noon.\","
            + " \"content\": \"12:00\", \"tool_calls\": null}],"
            + " \"chat_template_kwargs\": {\"enable_thinking\": true}, \"tools\": ";
    Example expected =
        new Example(
            Conversation.of(
                    ChatMessage.ofParts("user", List.of("What time", "is it?")),
                    ChatMessage.calling(new ToolCall("c1", "now", Map.of("zone", "UTC"))),
                    ChatMessage.tool("", "c1", "now"))
                .withTools("[" + tool + "]")
                .with("enable_thinking", true),
            ChatMessage.assistant("12:00").withReasoning("Noon."),
            "");
    assertThat(examples(line + "[" + tool + "]}")).containsExactly(expected);
    assertThat(examples(line + "\"[" + tool.replace("\"", "\\\"") + "]\"}"))
        .as("tools as JSON in a text")
        .containsExactly(expected);
    Path copy = folder.resolve("copy.jsonl");
    ExampleFile.write(copy, List.of(expected));
    assertThat(ExampleFile.read(copy).examples()).containsExactly(expected);
  }

  @Test
  void readsCallsWithoutArguments() {
    String call = "{'type': 'function', 'function': {'name': 'f', 'arguments': ''}}";
    String line =
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': null, 'tool_calls': ["
            + call
            + "]}]}";
    assertThat(examples(line.replace('\'', '"')).get(0).reply())
        .isEqualTo(ChatMessage.calling(ToolCall.of("f", Map.of())));
  }

  @Test
  void acceptsByteOrderMarkWindowsLineEndsAndBlankLinesAtTheEnd() throws IOException {
    Path file = folder.resolve("windows.jsonl");
    Files.writeString(file, "\uFEFF" + GOOD + "\r\n" + GOOD + "\r\n\r\n  \r\n");
    assertThat(ExampleFile.read(file).examples()).hasSize(2);
  }

  @Test
  void readsAFileWithoutALineEnd() throws IOException {
    Path file = folder.resolve("one.jsonl");
    Files.writeString(file, GOOD);
    assertThat(ExampleFile.read(file).examples()).containsExactly(Example.of("q", "a"));
  }

  @Test
  void tellsHashAndCountsOfTheFile() throws IOException {
    Path file = folder.resolve("train.jsonl");
    Files.writeString(file, "{\"instruction\":\"q\",\"output\":\"a\"}\n");
    assertThat(ExampleFile.read(file).source())
        .isEqualTo(
            new DataFile(
                "train.jsonl",
                "6b34e3673a5a3c646b3ec644bb966e027e34ee4a44ca599c27085bfbf1606db2",
                33,
                1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'instruction': 'q', | Expected one JSON object a line",
        "{'instruction': 'q', 'output': | is not valid JSON",
        "{'instruction': 'q', 'output': 'a'} {} | is not valid JSON: there is more behind its end",
        "{'instruction': 'q', 'output': 'a', 'output': 'b'} | is not valid JSON",
        "'text' | holds a text; expected a JSON object",
        "[{'instruction': 'q', 'output': 'a'}] | holds a JSON array; expected JSON Lines",
        "{'prompt': 'q', 'completion': 'a'} | has neither \"instruction\" nor \"messages\"",
        "{'messages': [], 'instruction': 'q'} | has \"messages\" beside \"instruction\"",
        "{'output': 'a'} | \"instruction\" is missing; expected a text",
        "{'instruction': 'q'} | \"output\" is missing; expected a text",
        "{'instruction': ' ', 'output': 'a'} | \"instruction\" is blank",
        "{'instruction': 'q', 'output': ''} | \"output\" is empty",
        "{'instruction': 'q', 'output': 7} | \"output\" is a number; expected a text",
        "{'instruction': 'q', 'output': null} | \"output\" is null; expected a text",
        "{'instruction': ['q'], 'output': 'a'} | \"instruction\" is an array; expected a text",
        "{'instruction': 'q', 'input': {}, 'output': 'a'} | \"input\" is an object",
        "{'instruction': 'q', 'output': '\\ud800'} | half a surrogate pair",
        "{'instruction': 'q', 'output': 'a', 'system': 's'} | \"system\", which is not supported",
        "{'instruction': 'q', 'output': 'a', 'history': [['b','c']]} | \"history\", which is not",
        "{'messages': 'q'} | \"messages\" is a text; expected an array",
        "{'messages': [{'role': 'user', 'content': 'q'}]} | \"messages\" is an array of 1",
        "{'messages': ['q', 'a']} | message 1: is a text",
        "{'messages': [{'content': 'q'}, {}]} | message 1: \"role\" is missing",
        "{'messages': [{'role': 'human', 'content': 'q'}, {}]} | message 1: unknown role \"human\"",
        "{'messages': [{'role': 'user', 'content': 'q'}, {'role': 'assistant'}]}"
            + " | message 2: \"content\" is missing",
        "{'messages': [{'role': 'user', 'content': 'q'}, {'role': 'user', 'content': 'a'}]}"
            + " | the last message has the role \"user\"; expected \"assistant\"",
        "{'messages': [{'role': 'system', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]}"
            + " | the message before the last has the role \"system\"; expected \"user\"",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'function_call': {'name': 'f'}}]}"
            + " | message 2: has \"function_call\"",
        "{'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'u'}]},"
            + " {'role': 'assistant', 'content': 'a'}]}"
            + " | message 1: has a part of type \"image_url\"",
        "{'messages': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': null}]}"
            + " | message 2: \"content\" is null",
        "{'instruction': 'q', 'output': 'a', 'tools': 7} | \"tools\" is a number",
        "{'instruction': 'q', 'output': 'a', 'tools': '[1'} | is not valid JSON",
        "{'instruction': 'q', 'output': 'a', 'documents': ['d']} | \"documents\" has a text",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': 5}]}"
            + " | message 2: \"tool_calls\" is a number; expected an array",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': ['f']}]}"
            + " | message 2: \"tool_calls\" has a call without the name",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': [{'function': {'arguments': {}}}]}]}"
            + " | message 2: \"tool_calls\" has a call without the name",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': [{'name': 'f', 'arguments': '{a'}]}]}"
            + " | arguments of a tool call is not valid JSON",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': [{'name': 'f', 'arguments': {'n': 9999999999999999999}}]}]}"
            + " | is beyond 64 bits",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'tool_calls': [{'name': 'f', 'arguments': {'n': 1e400}}]}]}"
            + " | the number Infinity has no form in JSON",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'name': {'a': 1}}]}"
            + " | message 2: \"name\" is an object; expected a text",
        "{'messages': [{'role': 'user', 'content': 'q'},"
            + " {'role': 'assistant', 'content': 'a', 'reasoning_content': 5}]}"
            + " | message 2: \"reasoning_content\" is a number; expected a text",
        "{'messages': [{'role': 'user', 'content': [{'type': 'image', 'text': 'x'}]},"
            + " {'role': 'assistant', 'content': 'a'}]}"
            + " | message 1: has a part of type \"image\"",
        "{'instruction': 'q', 'output': 'a', 'tools': [{'n': 9999999999999999999}]}"
            + " | is beyond 64 bits",
        "{'instruction': 'q', 'output': 'a', 'chat_template_kwargs': {'messages': []}}"
            + " | \"messages\", which is the conversation's own",
      })
  void namesFileLineAndFault(String line, String fault) throws IOException {
    Path file = folder.resolve("bad.jsonl");
    Files.writeString(file, (GOOD + "\n").repeat(6) + line.replace('\'', '"') + "\n" + GOOD);
    assertThatThrownBy(() -> ExampleFile.read(file))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith(file + ", line 7: ")
        .hasMessageContaining(fault);
  }

  @Test
  void namesTheLineThatIsNotUtf8() throws IOException {
    Path file = folder.resolve("latin1.jsonl");
    Files.write(file, (GOOD + "\n{\"é\"}").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ExampleFile.read(file))
        .isInstanceOf(DatasetException.class)
        .hasMessage(file + ", line 2: is not UTF-8; save the file as UTF-8");
  }

  @Test
  void recognisesUtf16() throws IOException {
    Path file = folder.resolve("utf16.jsonl");
    Files.write(file, GOOD.getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> ExampleFile.read(file)).hasMessageContaining("looks like UTF-16");
  }

  @Test
  void refusesABlankLineAmongExamples() throws IOException {
    Path file = folder.resolve("gap.jsonl");
    Files.writeString(file, GOOD + "\n\n" + GOOD + "\n");
    assertThatThrownBy(() -> ExampleFile.read(file))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("line 2: is blank");
  }

  @Test
  void refusesFilesWithoutExamples() throws IOException {
    for (String content : List.of("", "\uFEFF", "\n\n", "  ")) {
      Path file = folder.resolve("empty.jsonl");
      Files.writeString(file, content);
      assertThatThrownBy(() -> ExampleFile.read(file))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("empty.jsonl: holds no examples");
    }
  }

  @Test
  void refusesMissingFilesAndFolders() {
    assertThatThrownBy(() -> ExampleFile.read(folder.resolve("none.jsonl")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("none.jsonl: does not exist");
    assertThatThrownBy(() -> ExampleFile.read(folder)).hasMessageContaining("is not a file");
  }

  @Test
  void refusesToWriteNothing() {
    assertThatThrownBy(() -> ExampleFile.write(folder.resolve("none.jsonl"), List.of()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no examples to write");
  }

  private List<Example> examples(String... lines) {
    Path file = folder.resolve("examples.jsonl");
    try {
      Files.writeString(file, String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return ExampleFile.read(file).examples();
  }
}
