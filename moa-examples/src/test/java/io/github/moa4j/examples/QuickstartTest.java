package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.core.store.MixtureDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    ProgramRun run =
        ProgramRun.of(
            new Quickstart(),
            SmallMixture.quick(
                "--base",
                small.base,
                "--data",
                small.data,
                "--output",
                output,
                "--answers",
                1,
                "--max-new-tokens",
                2));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    JsonNode rows = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    for (JsonNode row : rows.path("perplexity")) {
      assertThat(row.path("cron")).isEqualTo(row.path("base"));
      assertThat(row.path("shell")).isNotEqualTo(row.path("base"));
    }
  }
}
