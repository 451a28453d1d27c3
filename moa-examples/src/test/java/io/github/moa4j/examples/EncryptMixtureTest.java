package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture is encrypted, goes on with its keys, and gets another. */
final class EncryptMixtureTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void everythingGoesOnWithTheKeysAndNothingWithoutThem() throws IOException {
    Path mixture = small.copy();
    Path keys = folder.resolve("keys.json");
    ProgramRun encrypted =
        ProgramRun.of(
            new EncryptMixture(),
            "--mixture",
            mixture,
            "--keys",
            keys,
            "--new-key",
            "2026",
            "--forget-old");
    assertThat(encrypted.exitCode()).as(encrypted.toString()).isZero();
    assertThat(encrypted.out())
        .contains("Encrypted cron, version 2", "Encrypted router 3", "Key: 2026");
    assertThat(files(mixture)).isNotEmpty().allMatch(file -> file.endsWith(".encrypted"));

    ProgramRun refused = ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "cron");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.error()).contains("is encrypted under the key '2026', and no keys");

    Object[] measured =
        SmallMixture.and(
            List.of("--mixture", mixture, "--data", small.data, "--precision", "F32"),
            "--items",
            1,
            "--answers",
            0);
    assertThat(ProgramRun.of(new Evaluate(), measured).error())
        .contains("is encrypted under the key '2026', and no keys");
    assertThat(
            ProgramRun.of(
                    new Evaluate(), SmallMixture.and(List.of("--encryption-keys", keys), measured))
                .out())
        .contains("cron", "shell");
    assertThat(
            ProgramRun.of(new Ask(), "--mixture", mixture, "--precision", "F32", "List all files")
                .error())
        .contains("is encrypted under the key '2026', and no keys");

    Path key = folder.resolve("key.pem");
    Path open = folder.resolve("key.pub.pem");
    ProgramRun signed =
        ProgramRun.of(
            new SignAdapter(),
            "--mixture",
            mixture,
            "--encryption-keys",
            keys,
            "--key",
            key,
            "--public-key",
            open,
            "--new-key",
            "ED25519");
    assertThat(signed.exitCode()).as(signed.toString()).isZero();
    ProgramRun verified =
        ProgramRun.of(new VerifyAdapter(), "--mixture", mixture, "--trusted", open);
    assertThat(verified.out()).contains("cron: as signed", "router: as signed"); // without keys

    ProgramRun removed =
        ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "--encryption-keys", keys, "cron");
    assertThat(removed.exitCode()).as(removed.toString()).isZero();
    assertThat(files(mixture))
        .allMatch(file -> file.endsWith(".encrypted") || file.endsWith("/model.sig"));
    assertThat(MixtureDirectory.open(mixture).state().domains()).containsOnlyKeys("shell");
  }

  private static List<String> files(Path mixture) throws IOException {
    try (Stream<Path> all = Files.walk(mixture)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.getParent().equals(mixture))
          .map(file -> file.toString().replace('\\', '/'))
          .toList();
    }
  }
}
