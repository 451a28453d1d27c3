package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainsTest {

  @TempDir private Path folder;

  @Test
  void readsWhatItWroteSortedByName() throws IOException {
    Domain sql = domain("sql", List.of(Example.of("How many?", "select count(*)")));
    Domain cron = domain("cron", List.of());
    Domains.write(folder, List.of(sql, cron));
    Files.writeString(folder.resolve("SOURCES.md"), "not a domain");
    Files.createDirectory(folder.resolve(".cache"));

    List<Domain> read = Domains.read(folder);

    assertThat(read).extracting(Domain::name).containsExactly("cron", "sql");
    assertThat(read.get(1).train()).isEqualTo(sql.train());
    assertThat(read.get(1).validation()).isEqualTo(sql.validation());
    assertThat(read.get(0).validation()).isEmpty();
  }

  @Test
  void tellsTheFilesADomainCameFrom() {
    Domains.write(folder, List.of(domain("sql", List.of(Example.of("q", "a")))));
    assertThat(Domains.read(folder).get(0).sources())
        .extracting(DataFile::name)
        .containsExactly("sql/train.jsonl", "sql/validation.jsonl");
    assertThat(Domains.read(folder).get(0).sources()).allMatch(file -> file.examples() > 0);
  }

  @Test
  void removesTheValidationFileOfADomainThatHasNoMore() {
    Domains.write(folder, List.of(domain("sql", List.of(Example.of("q", "a")))));
    Domains.write(folder, List.of(domain("sql", List.of())));
    assertThat(Domains.read(folder).get(0).validation()).isEmpty();
  }

  @Test
  void limitsTrainingExamplesToTheFirst() {
    Domain domain =
        new Domain("d", List.of(Example.of("1", "a"), Example.of("2", "b")), List.of(), List.of());
    assertThat(domain.firstTrainingExamples(1).train()).containsExactly(Example.of("1", "a"));
    assertThat(domain.firstTrainingExamples(9).train()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SQL", "my domain", "a/b", "..", "größe"})
  void refusesInvalidNames(String name) {
    assertThatThrownBy(() -> domain(name, List.of()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("\"" + name + "\" is not a valid name of a domain");
  }

  @Test
  void refusesAFolderWithoutTrainingFileByName() throws IOException {
    Domains.write(folder, List.of(domain("sql", List.of())));
    Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Domains.read(folder))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(folder.resolve("empty") + ": has no train.jsonl");
  }

  @Test
  void refusesTheFolderOfOneDomain() {
    Domains.write(folder, List.of(domain("sql", List.of())));
    assertThatThrownBy(() -> Domains.read(folder.resolve("sql")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("is the folder of one domain");
  }

  @Test
  void refusesFoldersWithoutDomainsAndMissingOnes() {
    assertThatThrownBy(() -> Domains.read(folder)).hasMessageContaining("holds no domains");
    assertThatThrownBy(() -> Domains.read(folder.resolve("none")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("none: does not exist");
  }

  @Test
  void refusesTwoDomainsOfOneName() {
    Domain domain = domain("sql", List.of());
    assertThatThrownBy(() -> Domains.write(folder, List.of(domain, domain)))
        .isInstanceOf(DatasetException.class)
        .hasMessage("Two domains are named 'sql'");
  }

  private static Domain domain(String name, List<Example> validation) {
    return new Domain(name, List.of(Example.of("q", "a")), validation, List.of());
  }
}
