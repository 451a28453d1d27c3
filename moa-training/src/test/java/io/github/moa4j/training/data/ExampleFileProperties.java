package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.moa4j.core.text.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

final class ExampleFileProperties {

  private static final List<Path> FILES = new ArrayList<>();

  @BeforeContainer
  static void createFile() throws IOException {
    FILES.add(Files.createTempFile("examples", ".jsonl"));
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(FILES.remove(0));
  }

  @Property(tries = 300)
  void readsWhatItWrote(@ForAll("manyExamples") List<Example> examples) {
    ExampleFile.write(FILES.get(0), examples);
    ExampleFile read = ExampleFile.read(FILES.get(0));
    assertThat(read.examples()).isEqualTo(examples);
    assertThat(read.source().examples()).isEqualTo(examples.size());
  }

  @Property(tries = 300)
  void readsOrRefusesDamagedFilesWithTheirName(
      @ForAll("manyExamples") List<Example> examples, @ForAll int position, @ForAll byte value)
      throws IOException {
    ExampleFile.write(FILES.get(0), examples);
    byte[] bytes = Files.readAllBytes(FILES.get(0));
    bytes[Math.floorMod(position, bytes.length)] = value;
    Files.write(FILES.get(0), bytes);
    assertThatCode(
            () -> {
              try {
                ExampleFile.read(FILES.get(0));
              } catch (DatasetException e) {
                assertThat(e).hasMessageStartingWith(FILES.get(0).toString());
              }
            })
        .doesNotThrowAnyException();
  }

  @Provide
  Arbitrary<List<Example>> manyExamples() {
    return examples().list().ofMinSize(1).ofMaxSize(5);
  }

  private static Arbitrary<Example> examples() {
    Arbitrary<List<ChatMessage>> earlier =
        Combinators.combine(Arbitraries.of("system", "user", "assistant"), texts())
            .as(ChatMessage::new)
            .list()
            .ofMaxSize(3);
    Arbitrary<Example> withInput =
        Combinators.combine(texts(), texts(), texts())
            .as((instruction, input, answer) -> Example.of(instruction, input, answer));
    Arbitrary<Example> withoutInput =
        Combinators.combine(earlier, texts(), texts())
            .as(
                (messages, question, answer) -> {
                  List<ChatMessage> prompt = new ArrayList<>(messages);
                  prompt.add(ChatMessage.user(question));
                  return new Example(prompt, answer);
                });
    return Arbitraries.oneOf(withInput, withoutInput);
  }

  private static Arbitrary<String> texts() {
    Arbitrary<String> any =
        Arbitraries.strings()
            .withChars("ab \n\r\t\"\\{}[]:,\u0000\u2028\u2029\uFEFFé漢")
            .ofMinLength(1)
            .ofMaxLength(12);
    return Combinators.combine(any, Arbitraries.of("", "🙂", "𝄞"))
        .as(String::concat)
        .filter(text -> !text.isBlank());
  }
}
