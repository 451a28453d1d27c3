package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.data.Example;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of training data that is to be forgotten. */
final class ForgetDataTest {

  private final SmallMixture small = SmallMixture.shared();

  @TempDir private Path folder;

  private Path file(String domain) {
    return small.data.resolve(domain).resolve("train.jsonl");
  }

  private static ProgramRun forget(Path mixture, Object... arguments) {
    return ProgramRun.of(
        new ForgetData(), SmallMixture.and(List.of("--mixture", mixture), arguments));
  }

  @Test
  void listsWhatHasSeenItAndChangesNothing() {
    Path mixture = small.copy();

    ProgramRun run = forget(mixture, "--file", file("cron"));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).isEqualTo("cron, version 1 (active): was trained on it\n");
    assertThat(forget(mixture, "--sha256", "0".repeat(64)).out())
        .startsWith("No version has seen 000");
    assertThat(forget(mixture, "--sha256", "cron").error()).contains("64 hexadecimal digits");
    assertThat(MixtureDirectory.open(mixture).state().domains()).hasSize(2);
  }

  @Test
  void dropsTheDomainAndWhatTheRoutersKnowOfIt() {
    Path mixture = small.copy();

    ProgramRun run = forget(mixture, "--file", file("cron"), "--drop");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    MixtureDirectory directory = MixtureDirectory.open(mixture);
    assertThat(directory.state().domains()).containsOnlyKeys("shell");
    assertThat(SmallMixture.routed(directory.state(), RouterKind.RIDGE)).containsExactly("shell");
    assertThat(mixture.resolve("adapters/cron")).doesNotExist();
  }

  @Test
  void trainsAnewWithoutItAndDeletesEveryVersionThatHasSeenIt() {
    Path mixture = small.copy();
    Domain cron = Domain.read(small.data.resolve("cron"));
    List<Example> rest = cron.train().subList(2, cron.train().size());
    Domains.write(folder, List.of(new Domain("cron", rest, cron.validation(), List.of())));

    assertThat(forget(mixture, "--file", file("cron"), "--retrain", small.data).error())
        .contains("still holds the file");
    ProgramRun run =
        forget(
            mixture,
            SmallMixture.quick(
                "--file", file("cron"), "--retrain", folder, "--mask-personal-data"));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).contains("Trained anew: [cron]");
    MixtureDirectory directory = MixtureDirectory.open(mixture);
    assertThat(directory.state().domain("cron").version()).isEqualTo(2);
    assertThat(mixture.resolve("adapters/cron/v0001")).doesNotExist();
    assertThat(forget(mixture, "--file", file("cron")).out()).startsWith("No version has seen");
    Provenance provenance = Provenance.read(directory.adapterDirectory("cron")).orElseThrow();
    assertThat(provenance.configuration().get("masked_personal_data")).isInstanceOf(Map.class);
  }

  @Test
  void dropsTheLastDomainAndWhatTheRoutersKnowOfIt() {
    Path mixture = small.copy();
    assertThat(forget(mixture, "--file", file("cron"), "--drop").exitCode()).isZero();

    ProgramRun run = forget(mixture, "--file", file("shell"), "--drop");

    assertThat(run.out()).as(run.toString()).contains("Removed [shell]. Left: []");
    MixtureState state = MixtureDirectory.open(mixture).state();
    for (RouterKind kind : RouterKind.values()) {
      assertThat(SmallMixture.routed(state, kind)).isEmpty();
    }
    ProgramRun asked =
        ProgramRun.of(
            new Ask(),
            SmallMixture.and(
                List.of("--mixture", mixture, "--precision", "F32"),
                "--no-base",
                "List all files"));
    assertThat(asked.out()).as(asked.toString()).contains("none of the domains");
  }

  @Test
  void trainsAnewPrivatelyAndTheRoutersForgetTheDomain() {
    Path mixture = small.copy();
    Domain cron = Domain.read(small.data.resolve("cron"));
    List<Example> rest = cron.train().subList(2, cron.train().size());
    Domains.write(folder, List.of(new Domain("cron", rest, List.of(), List.of())));

    ProgramRun run =
        forget(
            mixture,
            SmallMixture.quick(
                "--file", file("cron"), "--retrain", folder, "--privacy-epsilon", 50));

    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.out()).contains("routers have forgotten cron", "Trained anew: [cron]");
    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domain("cron").version()).isEqualTo(2);
    for (RouterKind kind : RouterKind.values()) {
      assertThat(SmallMixture.routed(state, kind)).containsExactly("shell");
    }
    assertThat(mixture.resolve("adapters/cron/v0001")).doesNotExist();
    assertThat(mixture.resolve("training-cron.safetensors")).doesNotExist();
  }
}
