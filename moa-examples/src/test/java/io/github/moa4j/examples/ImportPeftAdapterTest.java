package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.RouterKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters that were trained elsewhere. */
final class ImportPeftAdapterTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  @Test
  void foreignAdapterIsUnverifiedUntilItIsPinned() {
    Path mixture = small.copy();
    Path foreign =
        SmallMixture.peftFilesOf(folder, MixtureDirectory.open(mixture).adapterDirectory("cron"));

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
    assertThat(SmallMixture.routed(state, RouterKind.RIDGE))
        .contains("pinned")
        .doesNotContain("plain");
    assertThat(state.adapterDirectory("pinned").resolve("adapter_model.safetensors"))
        .hasSameBinaryContentAs(foreign.resolve("adapter_model.safetensors"));
    assertThat(importForeign(mixture, "plain", foreign).error()).contains("already has a domain");
  }

  @Test
  void importReplacesOnlyWhenAskedToAndTheRoutersKeepTheDomain() {
    Path mixture = small.copy();
    MixtureState before = MixtureDirectory.open(mixture).state();
    Path foreign = SmallMixture.peftFilesOf(folder, before.adapterDirectory("shell"));

    assertThat(importForeign(mixture, "cron", foreign).error()).contains("give --replace");
    ProgramRun replaced = importForeign(mixture, "cron", foreign, "--replace");

    assertThat(replaced.out()).contains("unverified").contains("The routers know it now");
    MixtureState after = MixtureDirectory.open(mixture).state();
    assertThat(after.domain("cron").version()).isEqualTo(2);
    assertThat(after.domain("shell").version()).isEqualTo(1);
    assertThat(after.adapterDirectory("cron").resolve("adapter_model.safetensors"))
        .hasSameBinaryContentAs(foreign.resolve("adapter_model.safetensors"));
    assertThat(SmallMixture.routed(after, RouterKind.LAYERWISE))
        .containsExactlyInAnyOrder("cron", "shell");
    assertThat(small.add(mixture, "sql").exitCode()).isZero();
    assertThat(SmallMixture.routed(MixtureDirectory.open(mixture).state(), RouterKind.RIDGE))
        .contains("cron");
  }

  private static ProgramRun importForeign(Path mixture, String name, Path adapter, Object... more) {
    Object[] arguments = {"--mixture", mixture, "--name", name, "--adapter", adapter, more};
    return ProgramRun.of(
        new ImportPeftAdapter(), SmallMixture.and(List.of(arguments), "--precision", "F32"));
  }
}
