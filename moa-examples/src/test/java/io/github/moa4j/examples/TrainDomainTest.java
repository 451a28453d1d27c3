package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.examples.measurement.FolderHash;
import io.github.moa4j.router.RouterKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training without a mixture leaves behind. */
final class TrainDomainTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

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
    assertThat(SmallMixture.routed(state, RouterKind.LAYERWISE)).contains("sql");
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
  void linkLeadsToTheAdapterAndStaysALink() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);
    Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("not-there"));
    Object[] arguments =
        SmallMixture.quick("--data", small.data.resolve("sql"), "--base", small.base);

    ProgramRun trained =
        ProgramRun.of(new TrainDomain(), SmallMixture.and(List.of("--output", link), arguments));

    assertThat(trained.exitCode()).as(trained.toString()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(elsewhere).isDirectoryContaining("glob:**/adapter_model.safetensors");
    assertThat(
            ProgramRun.of(
                    new TrainDomain(), SmallMixture.and(List.of("--output", nowhere), arguments))
                .error())
        .contains(nowhere + " is a link that leads nowhere");
    assertThat(nowhere).isSymbolicLink();
  }
}
