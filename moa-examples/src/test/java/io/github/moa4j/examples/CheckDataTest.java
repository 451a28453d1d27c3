package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckDataTest {

  @TempDir private Path folder;

  @Test
  void tellsWhatRepeatsAndWhatIsPersonalAndWritesItMasked() {
    Example shared = Example.of("Who wrote it?", "a@b.org");
    Example late = Example.of("When is it due, and where is it to be sent?", "Monday");
    Domain first =
        new Domain("first", List.of(shared, late), List.of(Example.of("x", "y")), List.of());
    Domain second =
        new Domain(
            "second", List.of(shared), List.of(Example.of("Ring?", "030 901820")), List.of());
    Domains.write(folder.resolve("data"), List.of(first, second));
    ExampleFile.write(folder.resolve("test.jsonl"), List.of(late));

    ProgramRun run =
        ProgramRun.of(
            new CheckData(),
            "--data",
            folder.resolve("data"),
            "--evaluation",
            folder.resolve("test.jsonl"),
            "--phones",
            "DE,AT",
            "--masked",
            folder.resolve("masked"));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("  training, personal data: 1 [EMAIL]\n")
        .contains("  validation, personal data: 1 [PHONE]\n")
        .contains("  test.jsonl in training, same prompt and answer: 1 (lines 1 as 2)\n")
        .contains("  training in training of first, same prompt and answer: 1 (lines 1 as 1)\n");
    assertThat(Domain.read(folder.resolve("masked/second")).validation().get(0).answer())
        .isEqualTo("[PHONE]");
    assertThat(
            ProgramRun.of(new CheckData(), "--data", folder.resolve("data"), "--phones", "Mars")
                .error())
        .contains("Mars", "ISO 3166");
  }

  @Test
  void neverPutsMaskedExamplesInThePlaceOfTheOriginals() {
    Domain domain =
        new Domain("mails", List.of(Example.of("Who?", "a@b.org")), List.of(), List.of());
    Domains.write(folder.resolve("data"), List.of(domain));

    ProgramRun run =
        ProgramRun.of(
            new CheckData(),
            "--data",
            folder.resolve("data"),
            "--masked",
            folder.resolve("data/../data"));

    assertThat(run.error()).contains("would replace the originals");
    assertThat(Domain.read(folder.resolve("data/mails")).train().get(0).answer())
        .isEqualTo("a@b.org");
  }
}
