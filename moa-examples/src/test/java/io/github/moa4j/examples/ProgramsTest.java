package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.examples.measurement.FolderHash;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.stored.StoredRouters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProgramsTest {

  @TempDir private static Path shared;
  private static SmallMixture small;

  @TempDir private Path folder;

  @BeforeAll
  static void trainSmallMixture() {
    small = SmallMixture.in(shared);
  }

  static List<Callable<Integer>> programs() {
    return List.of(
        new Quickstart(),
        new Ask(),
        new Evaluate(),
        new TrainDomain(),
        new AddDomain(),
        new RemoveDomain(),
        new ImportPeftAdapter());
  }

  private static List<String> routed(MixtureState state, RouterKind kind) {
    Path folder = state.routerDirectory().orElseThrow();
    return StoredRouters.read(folder, kind, state.baseFingerprint()).domains();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void explainsItself(Callable<Integer> program) {
    ProgramRun run = ProgramRun.of(program, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Usage: " + program.getClass().getSimpleName());
  }

  @Test
  void askStreamsAnAnswerAndSaysWhoGaveIt() {
    ProgramRun run =
        ProgramRun.of(
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            5,
            "--precision",
            "F32",
            "List",
            "all",
            "files");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().reduce((first, last) -> last).orElseThrow())
        .matches(
            "\\[domain (cron|shell), confidence [01]\\.\\d{3}, \\d+ \\+ \\d tokens, routing \\d+ ms,"
                + " prefill \\d+ ms, \\d+\\.\\d tokens/s]");
  }

  @Test
  void askAnswersLineByLineUntilAnEmptyLine() {
    ProgramRun run =
        ProgramRun.withInput(
            "List all files\n" + "long ".repeat(2000) + "\nEvery day at noon\n\nnever read\n",
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            3,
            "--precision",
            "F32",
            "--domain",
            "cron",
            "--temperature",
            0.7,
            "--stop",
            "#");

    assertThat(run.out().lines().filter(line -> line.startsWith("[domain cron"))).hasSize(2);
    assertThat(run.out()).doesNotContain(">");
    assertThat(run.error()).contains("do not fit the model's context of 1024");
  }

  @Test
  void askLetsTheBaseAnswerBelowTheThreshold() {
    ProgramRun run =
        ProgramRun.of(
            new Ask(),
            "--mixture",
            small.copy(),
            "--max-new-tokens",
            2,
            "--precision",
            "F32",
            "--router",
            "ridge",
            "--threshold",
            1,
            "Colourless green ideas");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("[domain none: base, confidence");
  }

  @Test
  void evaluateMeasuresAMixtureAndKeepsEveryExample() throws IOException {
    Path lines = folder.resolve("lines.jsonl");
    ProgramRun run =
        ProgramRun.of(
            new Evaluate(),
            "--mixture",
            small.copy(),
            "--data",
            small.data,
            "--items",
            3,
            "--answers",
            2,
            "--max-new-tokens",
            4,
            "--output",
            lines,
            "--precision",
            "F32");

    assertThat(run.exitCode()).isZero();
    List<String> rows = run.out().lines().toList();
    assertThat(rows.get(0)).matches("domain +items +perplexity +exact match +routing accuracy");
    assertThat(rows.get(1)).matches("cron +3 +\\d+\\.\\d{3} +[01]\\.\\d{3} +[01]\\.\\d{3}");
    assertThat(rows.get(3)).matches("sql +3 +\\d+\\.\\d{3} +[01]\\.\\d{3} +-");
    assertThat(rows.get(4)).startsWith("(mean)").contains(" 9 ");
    List<String> written = Files.readAllLines(lines);
    assertThat(written).hasSize(9);
    JsonNode first = new ObjectMapper().readTree(written.get(0));
    assertThat(first.fieldNames())
        .toIterable()
        .containsExactly(
            "domain",
            "prompt",
            "expected",
            "answer",
            "exact",
            "chosen_domain",
            "confidence",
            "loss",
            "answer_tokens");
    assertThat(first.path("answer").isTextual()).isTrue();
    assertThat(new ObjectMapper().readTree(written.get(2)).path("answer").isNull()).isTrue();
  }

  @Test
  void evaluateMeasuresABaseWithAndWithoutAnAdapter() {
    MixtureState state = MixtureDirectory.open(small.copy()).state();
    List<Object> common =
        List.of("--base", small.base, "--data", small.data, "--items", 2, "--answers", 0);

    ProgramRun alone =
        ProgramRun.of(new Evaluate(), SmallMixture.and(common, "--precision", "F32"));
    ProgramRun adapted =
        ProgramRun.of(
            new Evaluate(),
            SmallMixture.and(
                common, "--precision", "F32", "--adapter", state.adapterDirectory("cron")));

    assertThat(alone.out().lines().toList().get(1)).matches("cron +2 +\\d+\\.\\d{3} +- +-");
    assertThat(adapted.exitCode()).isZero();
    assertThat(adapted.out()).isNotEqualTo(alone.out());
  }

  @Test
  void addDomainLeavesAllOtherAdaptersAsTheyAreAndTeachesBothRouters() {
    Path mixture = small.copy();
    MixtureDirectory directory = MixtureDirectory.open(mixture);
    String cron = FolderHash.of(directory.adapterDirectory("cron"));
    String shell = FolderHash.of(directory.adapterDirectory("shell"));

    ProgramRun run = small.add(mixture, "sql");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("[cron, shell, sql]")
        .containsPattern("Routing accuracy on 6 validation prompts: layer-wise [01]\\.\\d{3}")
        .contains("all other adapters unchanged, byte for byte")
        .containsSubsequence("  cron       " + cron.substring(0, 16), "  shell      ");
    assertThat(FolderHash.of(directory.adapterDirectory("cron"))).isEqualTo(cron);
    assertThat(FolderHash.of(directory.adapterDirectory("shell"))).isEqualTo(shell);
    for (RouterKind kind : RouterKind.values()) {
      assertThat(routed(directory.state(), kind)).containsExactlyInAnyOrder("cron", "shell", "sql");
    }
    assertThat(mixture.resolve("training-sql.safetensors")).doesNotExist();
  }

  @Test
  void addDomainReplacesOnlyWhenAskedTo() {
    Path mixture = small.copy();

    assertThat(small.add(mixture, "cron").error()).contains("already has a domain 'cron'");
    assertThat(small.add(mixture, "cron", "--replace", "--seed", 5).exitCode()).isZero();

    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domain("cron").version()).isEqualTo(2);
    assertThat(state.domain("shell").version()).isEqualTo(1);
  }

  @Test
  void removeDomainForgetsItInBothRoutersDownToTheLast() {
    Path mixture = small.copy();

    ProgramRun run = ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "cron");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    MixtureDirectory directory = MixtureDirectory.open(mixture);
    for (RouterKind kind : RouterKind.values()) {
      assertThat(routed(directory.state(), kind)).containsExactly("shell");
    }
    assertThat(ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "cron").error())
        .contains("There is no domain 'cron'");
    assertThat(ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "shell").exitCode())
        .isZero();
    assertThat(directory.state().domains()).isEmpty();
  }

  @Test
  void trainedAdapterCanBeImportedWithWhatTheRoutersNeed() {
    Path mixture = small.copy();
    Path adapter = folder.resolve("out/sql-adapter");

    ProgramRun trained =
        ProgramRun.of(
            new TrainDomain(),
            SmallMixture.quick(
                "--data", small.data.resolve("sql"), "--base", small.base, "--output", adapter));

    assertThat(trained.exitCode()).as(trained.toString()).isZero();
    Provenance provenance = Provenance.read(adapter).orElseThrow();
    assertThat(provenance.baseFingerprint()).isEqualTo(SmallMixture.fingerprint(small.base));
    assertThat(provenance.data()).extracting(Provenance.DataFile::name).contains("sql/train.jsonl");
    assertThat(folder.resolve("out")).isDirectoryNotContaining("glob:**.training.safetensors");
    ProgramRun imported =
        ProgramRun.of(
            new ImportPeftAdapter(),
            "--mixture",
            mixture,
            "--name",
            "sql",
            "--adapter",
            adapter,
            "--precision",
            "F32");
    assertThat(imported.exitCode()).as(imported.toString()).isZero();
    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domain("sql").verified()).isTrue();
    assertThat(routed(state, RouterKind.LAYERWISE)).contains("sql");
    assertThat(
            ProgramRun.of(
                    new TrainDomain(),
                    SmallMixture.quick(
                        "--data",
                        small.data.resolve("sql"),
                        "--base",
                        small.base,
                        "--output",
                        adapter))
                .error())
        .contains("exists already and is not overwritten");
  }

  @Test
  void warmStartKeepsItsSourceAndNamesItAsTheParent() {
    Path source = MixtureDirectory.open(small.copy()).adapterDirectory("shell");
    String before = FolderHash.of(source);
    Path adapter = folder.resolve("warm").resolve("sql");

    ProgramRun trained =
        ProgramRun.of(
            new TrainDomain(),
            SmallMixture.quick(
                "--data",
                small.data.resolve("sql"),
                "--base",
                small.base,
                "--warm-start",
                source,
                "--output",
                adapter));

    assertThat(trained.exitCode()).as(trained.toString()).isZero();
    assertThat(Provenance.read(adapter).orElseThrow().parent())
        .contains(PeftFormat.read(source).sha256());
    assertThat(FolderHash.of(source)).isEqualTo(before);
  }

  @Test
  void activatedAdapterIsWrittenWithTheTokensThatInvokeIt() {
    Path adapter = folder.resolve("activated").resolve("sql");

    ProgramRun trained =
        ProgramRun.of(
            new TrainDomain(),
            SmallMixture.quick(
                "--data",
                small.data.resolve("sql"),
                "--base",
                small.base,
                "--activated",
                "--output",
                adapter));

    assertThat(trained.exitCode()).as(trained.toString()).isZero();
    assertThat(PeftFormat.read(adapter).config().aloraInvocationTokens()).isNotEmpty();
  }

  @Test
  void foreignAdapterIsUnverifiedUntilItIsPinned() {
    Path mixture = small.copy();
    Path foreign = peftFilesOf(MixtureDirectory.open(mixture).adapterDirectory("cron"));

    ProgramRun plain = importForeign(mixture, "plain", foreign);
    ProgramRun pinned =
        importForeign(
            mixture,
            "pinned",
            foreign,
            "--pin",
            "--prompts",
            small.data.resolve("sql/train.jsonl"));

    assertThat(plain.out()).contains("unverified").contains("The routers do not know it");
    assertThat(pinned.out()).contains("The routers know it now");
    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domain("plain").verified()).isFalse();
    assertThat(state.domain("pinned").verified()).isTrue();
    assertThat(routed(state, RouterKind.RIDGE)).contains("pinned").doesNotContain("plain");
    assertThat(state.adapterDirectory("pinned").resolve("adapter_model.safetensors"))
        .hasSameBinaryContentAs(foreign.resolve("adapter_model.safetensors"));
    assertThat(importForeign(mixture, "plain", foreign).error()).contains("already has a domain");
  }

  @Test
  void importReplacesOnlyWhenAskedToAndTheRoutersKeepTheDomain() {
    Path mixture = small.copy();
    MixtureState before = MixtureDirectory.open(mixture).state();
    Path foreign = peftFilesOf(before.adapterDirectory("shell"));

    assertThat(importForeign(mixture, "cron", foreign).error()).contains("give --replace");
    ProgramRun replaced = importForeign(mixture, "cron", foreign, "--replace");

    assertThat(replaced.out()).contains("unverified").contains("The routers know it now");
    MixtureState after = MixtureDirectory.open(mixture).state();
    assertThat(after.domain("cron").version()).isEqualTo(2);
    assertThat(after.domain("shell").version()).isEqualTo(1);
    assertThat(after.adapterDirectory("cron").resolve("adapter_model.safetensors"))
        .hasSameBinaryContentAs(foreign.resolve("adapter_model.safetensors"));
    assertThat(routed(after, RouterKind.LAYERWISE)).containsExactlyInAnyOrder("cron", "shell");
    assertThat(small.add(mixture, "sql").exitCode()).isZero();
    assertThat(routed(MixtureDirectory.open(mixture).state(), RouterKind.RIDGE)).contains("cron");
  }

  private Path peftFilesOf(Path adapter) {
    Path target = folder.resolve("peft");
    try {
      Files.createDirectories(target);
      for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
        Files.copy(adapter.resolve(name), target.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  @Test
  void activatedAdapterIsMeasuredFromItsInvocationOn() throws IOException {
    Path cron = MixtureDirectory.open(small.copy()).adapterDirectory("cron");
    int newLine;
    try (TextTokenizer tokenizer = TextTokenizer.open(small.base)) {
      newLine = tokenizer.encode("\n")[0]; // the template ends every prompt with it
    }

    List<Double> base = losses();
    List<Double> plain = losses("--adapter", cron);
    List<Double> activated = losses("--adapter", activated(cron, newLine));
    List<Double> neverInvoked = losses("--adapter", activated(cron, 4000, 4001, 4000));

    assertThat(activated).isNotEqualTo(base).isNotEqualTo(plain);
    assertThat(plain).isNotEqualTo(base);
    assertThat(neverInvoked).isEqualTo(base);
  }

  @Test
  void quickstartMeasuresAnActivatedAdapterOfItsMixture() throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    Files.move(small.copy(), output.resolve("mixture"));
    activate(MixtureDirectory.open(output.resolve("mixture")).adapterDirectory("cron"), 4000, 4001);

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
                2,
                "--no-single-lora"));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    JsonNode rows = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    for (JsonNode row : rows.path("perplexity")) {
      assertThat(row.path("cron")).isEqualTo(row.path("base"));
      assertThat(row.path("shell")).isNotEqualTo(row.path("base"));
    }
  }

  /** The loss of each example under the base or an adapter. */
  private List<Double> losses(Object... adapter) throws IOException {
    Path lines = folder.resolve("losses.jsonl");
    ProgramRun run =
        ProgramRun.of(
            new Evaluate(),
            SmallMixture.and(
                List.of("--base", small.base, "--data", small.data, "--items", 2, "--answers", 1),
                "--max-new-tokens",
                2,
                "--precision",
                "F32",
                "--output",
                lines,
                adapter));
    assertThat(run.exitCode()).as(run.toString()).isZero();
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(lines)) {
      losses.add(new ObjectMapper().readTree(line).path("loss").asDouble());
    }
    return losses;
  }

  /** A copy of an adapter that applies from tokens of the prompt on. */
  private Path activated(Path adapter, int... invocation) throws IOException {
    Path target = Files.createDirectories(folder.resolve("activated-" + invocation.length));
    Files.move(peftFilesOf(adapter), target, StandardCopyOption.REPLACE_EXISTING);
    activate(target, invocation);
    return target;
  }

  private static void activate(Path adapter, int... invocation) throws IOException {
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    ArrayNode tokens = config.putArray("alora_invocation_tokens");
    IntStream.of(invocation).forEach(tokens::add);
    Files.writeString(file, config.toString());
  }

  private static ProgramRun importForeign(Path mixture, String name, Path adapter, Object... more) {
    Object[] arguments = {"--mixture", mixture, "--name", name, "--adapter", adapter, more};
    return ProgramRun.of(
        new ImportPeftAdapter(), SmallMixture.and(List.of(arguments), "--precision", "F32"));
  }
}
