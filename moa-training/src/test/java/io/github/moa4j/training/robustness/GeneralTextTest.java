package io.github.moa4j.training.robustness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneralTextTest {

  @Test
  void theTextsOfTheLibraryAreManyOfAllLengthsAndAlwaysTheSame() {
    List<String> texts = GeneralText.everyday();
    assertThat(texts)
        .hasSizeGreaterThan(700)
        .contains("Hi", "你好，你能帮我吗？")
        .noneMatch(String::isBlank);
    assertThat(texts).anyMatch(text -> text.split(" ", -1).length > 80);
    assertThat(GeneralText.everyday()).isEqualTo(texts);
    assertThat(GeneralText.shipped()).containsExactly(texts, GeneralText.stories());
    assertThat(GeneralText.stories()).hasSizeGreaterThan(500).doesNotHaveDuplicates();
  }

  @Test
  void takesSnippetsOfEachFileOfAFolder(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("a.txt"), "One two three four.\n\nshort\n\nFive six seven.");
    Files.writeString(folder.resolve("b.txt"), "Another file holds this paragraph.");
    Files.writeString(folder.resolve("c.md"), "No text file at all.");
    List<List<String>> snippets = GeneralText.read(folder, 40);
    assertThat(snippets).hasSize(2).isEqualTo(GeneralText.read(folder, 40));
    assertThat(snippets).allMatch(file -> file.size() == 20);
    assertThat(snippets.get(1)).allMatch("Another file holds this paragraph."::contains);
    assertThat(snippets.get(0)).allMatch(s -> s.split(" ", -1).length >= 3);
  }

  @Test
  void saysWhatAFolderLacks(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("a.txt"), "too short");
    assertThatThrownBy(() -> GeneralText.read(folder, 10))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(".txt");
    assertThatThrownBy(() -> GeneralText.read(folder.resolve("none"), 10))
        .isInstanceOf(MoaException.class);
  }
}
