package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads who gives a program something that it cannot use: one line, exit code 1. */
class BadInputTest {

  private static final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  private static ProgramRun ask(Object... arguments) {
    return ProgramRun.of(new Ask(), SmallMixture.and(List.of(arguments), "--precision", "F32"));
  }

  private Path dataOf(String... lines) throws IOException {
    Path domain = Files.createDirectories(folder.resolve("data/poems"));
    Files.write(domain.resolve("train.jsonl"), List.of(lines));
    return domain;
  }

  private ProgramRun train(Path data) {
    return ProgramRun.of(
        new TrainDomain(),
        SmallMixture.quick(
            "--data", data, "--base", small.base, "--output", folder.resolve("adapter")));
  }

  @Test
  void emptyDataSet() throws IOException {
    Path data = dataOf();

    assertThat(train(data).error()).contains("train.jsonl: holds no examples");
    assertThat(folder.resolve("adapter")).doesNotExist();
  }

  @Test
  void dataSetOfOneExample() throws IOException {
    Path data = dataOf("{\"instruction\": \"a\", \"output\": \"b\"}");

    assertThat(train(data).error()).contains("expected two or more");
  }

  @Test
  void malformedLineSeven() throws IOException {
    List<String> lines =
        new ArrayList<>(
            Collections.nCopies(9, "{\"instruction\": \"a\", \"input\": \"\", \"output\": \"b\"}"));
    lines.set(6, "{\"instruction\": \"a\", \"output\": ");
    Path data = dataOf(lines.toArray(String[]::new));
    Path mixture = small.copy();
    String before = Files.readString(mixture.resolve("moa.json"));

    ProgramRun added =
        ProgramRun.of(new AddDomain(), SmallMixture.quick("--mixture", mixture, "--data", data));

    assertThat(train(data).error()).contains(data.resolve("train.jsonl") + ", line 7");
    assertThat(added.error()).contains("line 7");
    assertThat(mixture.resolve("moa.json")).hasContent(before);
  }

  @Test
  void unknownDomain() {
    assertThat(ask("--mixture", small.copy(), "--domain", "shel", "hello").error())
        .contains("There is no domain 'shel'; did you mean 'shell'? Known domains: cron, shell.");
  }

  @Test
  void promptLongerThanTheContext() {
    assertThat(ask("--mixture", small.copy(), "word ".repeat(2000)).error())
        .contains("the model's context of 1024");
  }

  @Test
  void wrongBase() {
    Path mixture = small.copy();
    Path other = small.otherBase();

    assertThat(ask("--mixture", mixture, "--base", other, "hello").error())
        .contains("belongs to the base with fingerprint");
    assertThat(small.add(mixture, "sql", "--base", other).error())
        .contains("belongs to the base with fingerprint");
    assertThat(MixtureDirectory.open(mixture).state().domains()).containsOnlyKeys("cron", "shell");
  }

  @Test
  void adapterOfAnotherBase() {
    Path other = small.otherBase();
    Path foreign = folder.resolve("mixture");
    MixtureDirectory.create(foreign, SmallMixture.fingerprint(other));
    Path adapter = MixtureDirectory.open(small.copy()).adapterDirectory("cron");

    ProgramRun run =
        ProgramRun.of(
            new ImportPeftAdapter(),
            "--mixture",
            foreign,
            "--base",
            other,
            "--name",
            "cron",
            "--adapter",
            adapter,
            "--precision",
            "F32");

    assertThat(run.error()).contains("base");
    assertThat(MixtureDirectory.open(foreign).state().domains()).isEmpty();
  }

  @Test
  void adapterOfAnotherShape() {
    Path golden = Path.of("../moa-core/src/test/resources/golden/llama-gqa/adapter");

    ProgramRun run =
        ProgramRun.of(
            new ImportPeftAdapter(),
            "--mixture",
            small.copy(),
            "--name",
            "strange",
            "--adapter",
            golden,
            "--precision",
            "F32");

    assertThat(run.error()).contains("_proj");
  }

  @Test
  void missingMixture() {
    assertThat(ask("--mixture", folder.resolve("nowhere"), "hello").error()).contains("moa.json");
  }

  @Test
  void valuesOutOfRange() {
    assertThat(ask("--mixture", small.copy(), "--temperature", -1, "hello").error())
        .contains("temperature");
    assertThat(ask("--mixture", small.copy(), "--threshold", 2, "hello").error())
        .contains("threshold");
    assertThat(
            ProgramRun.of(
                    new AddDomain(),
                    "--mixture",
                    small.copy(),
                    "--data",
                    small.data.resolve("sql"),
                    "--epochs",
                    -3)
                .error())
        .contains("epochs");
  }

  @Test
  void evaluateWithoutASubject() {
    assertThat(ProgramRun.of(new Evaluate(), "--data", small.data).error())
        .contains("give --mixture or --base");
  }

  @Test
  void rankAboveEveryWidthIsRefusedBeforeMemoryRunsOut() {
    assertThat(
            ProgramRun.of(
                    new AddDomain(),
                    SmallMixture.and(
                        List.of("--mixture", small.copy(), "--data", small.data.resolve("sql")),
                        "--rank",
                        10_000_000))
                .error())
        .contains("Rank 10000000", "Give a lower rank");
  }

  @Test
  void lastDomainsUnfitNameIsRefusedBeforeTheFirstIsTrained() throws IOException {
    Path data = Files.createDirectories(folder.resolve("domains"));
    for (String name : List.of("first", "nul")) {
      Files.copy(
          small.data.resolve("sql/train.jsonl"),
          Files.createDirectories(data.resolve(name)).resolve("train.jsonl"));
    }

    ProgramRun run =
        ProgramRun.of(
            new Quickstart(),
            SmallMixture.quick(
                "--base", small.base, "--data", data, "--output", folder.resolve("out")));

    assertThat(run.error()).contains("'nul' cannot be the name of a domain");
    assertThat(folder.resolve("out/mixture/adapters/first")).doesNotExist();
  }

  @Test
  void measuredTableOutlivesAFileThatCannotBeWritten() {
    ProgramRun run =
        ProgramRun.of(
            new Evaluate(),
            "--base",
            small.base,
            "--data",
            small.data,
            "--items",
            1,
            "--answers",
            0,
            "--output",
            folder);

    assertThat(run.error()).contains("Cannot write " + folder);
    assertThat(run.out()).contains("perplexity");
  }
}
