package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MergeAdapterTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void mergedBaseIsOneThatMixturesCanBeTrainedOn() {
    Path adapter = MixtureDirectory.open(small.copy()).adapterDirectory("cron");
    Path merged = folder.resolve("merged");

    ProgramRun run =
        ProgramRun.of(
            new MergeAdapter(), "--base", small.base, "--adapter", adapter, "--output", merged);
    ProgramRun again =
        ProgramRun.of(
            new MergeAdapter(), "--base", small.base, "--adapter", adapter, "--output", merged);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("merged");
    assertThat(SmallMixture.fingerprint(merged)).isNotEqualTo(SmallMixture.fingerprint(small.base));
    assertThat(merged.resolve("tokenizer.json")).isRegularFile();
    assertThat(again.error()).contains("is not empty");
  }
}
