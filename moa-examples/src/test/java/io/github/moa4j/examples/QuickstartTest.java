package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart over a mixture that is there already. */
final class QuickstartTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void quickstartMeasuresAnActivatedAdapterOfItsMixture() throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    Files.move(small.copy(), output.resolve("mixture"));
    SmallMixture.activate(
        MixtureDirectory.open(output.resolve("mixture")).adapterDirectory("cron"), 4000, 4001);

    ProgramRun run = measured("--base", small.base, "--data", small.data, "--output", output);

    assertThat(run.exitCode()).as(run.toString()).isZero();
    JsonNode rows = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    for (JsonNode row : rows.path("perplexity")) {
      assertThat(row.path("cron")).isEqualTo(row.path("base"));
      assertThat(row.path("shell")).isNotEqualTo(row.path("base"));
    }
  }

  @Test
  void quickstartLearnsAndMeasuresWhatItIsGiven() throws IOException {
    Path output = Files.createDirectories(folder.resolve("own"));
    Files.move(small.copy(), output.resolve("mixture"));
    Path data = folder.resolve("data");
    List<Example> letters = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      letters.add(Example.of("Write to anna@example.org about no. " + i, "Dear Anna, no. " + i));
    }
    Domain cron = Domain.read(small.data.resolve("cron"));
    List<Example> more = new ArrayList<>(cron.train());
    more.add(Example.of("every day at 5", "0 5 * * *"));
    Domains.write(
        data,
        List.of(
            new Domain("cron", more, cron.validation(), List.of()),
            new Domain("letters", letters, List.of(), List.of())));

    ProgramRun run =
        measured("--base", small.base, "--data", data, "--output", output, "--mask-personal-data");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("Trained already: 1 of 2", "cron on another cron/train.jsonl than this one")
        .contains("letters: 8 training, 0 validation examples", "personal data: 8 [EMAIL]")
        .contains("Not measured, as there is no validation.jsonl: letters")
        .doesNotContain("NaN");
    assertThat(output.resolve("report.json")).content().contains("cron").doesNotContain("NaN");
    Path adapter = MixtureDirectory.open(output.resolve("mixture")).adapterDirectory("letters");
    assertThat(Provenance.read(adapter).orElseThrow().configuration().toString())
        .contains("masked_personal_data", "EMAIL=8");
  }

  @Test
  void quickstartRefusesAMixtureOfAnotherBaseBeforeItTrains() throws IOException {
    Path output = Files.createDirectories(folder.resolve("other"));
    Files.move(small.copy(), output.resolve("mixture"));

    ProgramRun run =
        ProgramRun.of(
            new Quickstart(),
            SmallMixture.quick(
                "--base", small.otherBase(), "--data", small.data, "--output", output));

    assertThat(run.error()).contains("belongs to the base with fingerprint");
    assertThat(run.out()).isEmpty();
  }

  /** Runs the program, which measures on as little as can be. */
  private static ProgramRun measured(Object... arguments) {
    return ProgramRun.of(
        new Quickstart(), SmallMixture.quick(arguments, "--answers", 1, "--max-new-tokens", 2));
  }
}
