package io.github.moa4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterDifferenceTest {

  private static final String TOKENIZER =
      """
      {"added_tokens": [{"id": 5, "content": "<|end|>"}], "model": {"vocab": {"a": 0, "b": 1}}}
      """;

  @TempDir private Path folder;
  private Path base;
  private Path adapter;

  @BeforeEach
  void writeFoldersThatAgree() throws IOException {
    base = Files.createDirectories(folder.resolve("Tiny-1B"));
    adapter = Files.createDirectories(folder.resolve("adapter"));
    for (Path each : List.of(base, adapter)) {
      Files.writeString(each.resolve("tokenizer.json"), TOKENIZER);
      Files.writeString(
          each.resolve("tokenizer_config.json"),
          "{\"eos_token\": \"<|end|>\", \"chat_template\": \"{{ messages }}\"}");
    }
    Files.writeString(base.resolve("config.json"), "{\"_name_or_path\": \"org/Other-Name\"}");
    writeName("someone/tiny-1b");
  }

  private void writeName(String name) throws IOException {
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        "{\"base_model_name_or_path\": %s}".formatted(name == null ? null : '"' + name + '"'));
  }

  private List<String> said() {
    return PeftFormat.differences(adapter, base).stream().map(Object::toString).toList();
  }

  @Test
  void saysNothingWhereAllAgrees() {
    assertThat(said()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "/home/me/models/Tiny-1B",
        "org/other-name",
        "/x/hub/models--org--Tiny-1B/snapshots/0a1b",
        "C:\\\\models\\\\tiny-1b",
        "null",
        "''",
      })
  void knowsTheBaseByItsNames(String name) throws IOException {
    writeName(name);
    assertThat(said()).isEmpty();
  }

  @Test
  void saysThatAnAdapterWasTrainedOnAnotherBase() throws IOException {
    writeName("org/Tiny-2B");
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("base_model_name_or_path of the adapter is \"org/Tiny-2B\", of the base \"")
        .contains("Tiny-1B");
  }

  @Test
  void saysWhichTokensAndSettingsDiffer() throws IOException {
    Files.writeString(
        adapter.resolve("tokenizer.json"),
        TOKENIZER.replace("}],", "}, {\"id\": 6, \"content\": \"<|tool|>\"}],"));
    Files.writeString(adapter.resolve("added_tokens.json"), "{\"<|end|>\": 5, \"<|x|>\": 9}");
    Files.writeString(
        adapter.resolve("tokenizer_config.json"),
        "{\"eos_token\": {\"content\": \"</s>\"}, \"add_bos_token\": true}");
    Files.writeString(adapter.resolve("chat_template.jinja"), "{{ other }}");

    assertThat(said())
        .containsExactly(
            "tokenizer.json: added_tokens of the adapter is \"with {<|tool|>=6}\","
                + " of the base \"with {}\".",
            "added_tokens.json of the adapter is \"with {<|x|>=9}\", of the base \"with {}\".",
            "eos_token of the adapter is \"</s>\", of the base \"<|end|>\".",
            "add_bos_token of the adapter is \"true\", of the base \"null\".",
            "chat_template of the adapter is \"{{ other }}\", of the base \"{{ messages }}\".");
  }

  @Test
  void saysThatTheVocabularyDiffers() throws IOException {
    Files.writeString(adapter.resolve("tokenizer.json"), TOKENIZER.replace(", \"b\": 1", ""));
    assertThat(said())
        .containsExactly(
            "tokenizer.json: vocab of the adapter is \"1 entries\", of the base \"2 entries\".");
  }

  @Test
  void saysThatAFileCannotBeCompared() throws IOException {
    Files.writeString(adapter.resolve("tokenizer.json"), "{");
    assertThat(said()).singleElement().asString().contains("tokenizer.json", "not valid JSON");
  }
}
