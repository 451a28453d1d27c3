package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures as people make and check them. */
final class SignAdapterTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void aMixtureIsSignedWholeAndWhatIsChangedIsNamed() throws IOException {
    Path mixture = small.copy();
    Path key = folder.resolve("key.pem");
    Path open = folder.resolve("key.pub.pem");
    MixtureState before = MixtureDirectory.open(mixture).state();

    ProgramRun signed =
        ProgramRun.of(
            new SignAdapter(),
            "--mixture",
            mixture,
            "--key",
            key,
            "--public-key",
            open,
            "--new-key",
            "ECDSA_P256");

    assertThat(signed.exitCode()).isZero();
    assertThat(signed.out()).contains("Signed cron, version 2", "Signed router", "ECDSA_P256");
    MixtureState after = MixtureDirectory.open(mixture).state();
    assertThat(after.domain("cron").verified()).isEqualTo(before.domain("cron").verified());
    ProgramRun right = verify(mixture, open);
    assertThat(right.exitCode()).isZero();
    assertThat(right.out()).contains("cron: as signed", "shell: as signed", "router: as signed");

    Files.writeString(
        after.adapterDirectory("cron").resolve("provenance.json"), " ", StandardOpenOption.APPEND);
    ProgramRun wrong = verify(mixture, open);
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.out())
        .containsPattern("cron: NOT VERIFIED. .*provenance.json is not what was signed")
        .contains("shell: as signed");
  }

  @Test
  void theRootOfAFileSystemIsNoAdapter() {
    Path key = folder.resolve("key.pem");
    Path open = folder.resolve("key.pub.pem");

    ProgramRun run =
        ProgramRun.of(
            new SignAdapter(),
            "--folder",
            folder.getRoot(),
            "--key",
            key,
            "--public-key",
            open,
            "--new-key",
            "ED25519");

    assertThat(run.error()).contains("is the root of a file system: name the folder");
  }

  private static ProgramRun verify(Path mixture, Path open) {
    return ProgramRun.of(new VerifyAdapter(), "--mixture", mixture, "--trusted", open);
  }

  @Test
  void aFolderIsSignedInPlace() throws IOException {
    Path adapter =
        SmallMixture.peftFilesOf(
            folder, MixtureDirectory.open(small.copy()).adapterDirectory("shell"));
    Path key = folder.resolve("key.pem");
    Path open = folder.resolve("key.pub.pem");
    assertThat(
            ProgramRun.of(
                    new SignAdapter(), "--folder", adapter, "--key", key, "--public-key", open)
                .error())
        .contains("key.pem");
    ProgramRun signed =
        ProgramRun.of(
            new SignAdapter(),
            "--folder",
            adapter,
            "--key",
            key,
            "--public-key",
            open,
            "--new-key",
            "ED25519");
    assertThat(signed.out()).contains("Signed 2 files");
    ProgramRun right = ProgramRun.of(new VerifyAdapter(), "--folder", adapter, "--trusted", open);
    assertThat(right.exitCode()).isZero();
    assertThat(right.out()).contains("2 files");
  }
}
