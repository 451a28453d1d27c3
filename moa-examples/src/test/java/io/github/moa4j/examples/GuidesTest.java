package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.examples.guides.ReportLines;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worked examples on somebody's own records. */
final class GuidesTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void aGuideLearnsRecordsWithMasksAndCanBeTriedAgainInAnotherWay() {
    List<Example> records = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      records.add(Example.of("Report no. " + i + " to anna@example.org", "no: " + i));
    }
    Domains.write(folder, List.of(new Domain("records", records, List.of(), List.of())));

    ProgramRun first = run("--mask-personal-data", "--seed", 1);
    ProgramRun again = run("--seed", 2);

    assertThat(first.exitCode()).as(first.toString()).isZero();
    assertThat(first.out())
        .contains("personal data: 8 [EMAIL]")
        .contains("not measured, there is no validation.jsonl")
        .doesNotContain("NaN");
    assertThat(again.exitCode()).as(again.toString()).isZero();
    Path adapter = folder.resolve("out/records");
    assertThat(Provenance.read(adapter).orElseThrow().seed()).isEqualTo(2);
    assertThat(folder.resolve("out")).isDirectoryNotContaining("glob:**training-*");
  }

  private ProgramRun run(Object... more) {
    return ProgramRun.of(
        new ReportLines(),
        SmallMixture.quick(
            "--base",
            small.base,
            "--data",
            folder.resolve("records"),
            "--output",
            folder.resolve("out"),
            more));
  }
}
