package io.github.moa4j.examples.study.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.training.data.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ForeignTextTest {

  @TempDir Path folder;

  @Test
  void readsFilesByNameAndPastesTwoHundredWords() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), numbers(500));
    Files.writeString(folder.resolve("books.txt"), numbers(300));
    Files.writeString(folder.resolve("SOURCES.md"), "no text");

    List<ForeignText> texts = ForeignText.read(folder, 4);

    assertThat(texts).extracting(ForeignText::name).containsExactly("books", "notes");
    assertThat(texts).allSatisfy(text -> assertThat(text.snippets()).hasSize(4));
    Example asked = Example.of("Which file?", "notes");
    String behind = texts.get(1).behind(asked).question();
    String before = texts.get(1).before(asked).question();
    assertThat(behind).startsWith("Which file?\n");
    assertThat(before).endsWith("\nWhich file?");
    assertThat(behind.split("\\s+")).hasSize(202);
    assertThat(before.split("\\s+")).hasSize(202);
    List<String> documents = texts.get(1).documents(3);
    assertThat(documents).hasSize(3).doesNotHaveDuplicates();
    assertThat(documents).allSatisfy(text -> assertThat(text.split(" ")).hasSize(200));
  }

  @Test
  void saysWhichTextIsTooShort() throws IOException {
    Files.writeString(folder.resolve("short.txt"), numbers(200));
    assertThatThrownBy(() -> ForeignText.read(folder, 1))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("short.txt");
  }

  private static String numbers(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).collect(Collectors.joining(" "));
  }
}
