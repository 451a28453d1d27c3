package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.examples.measurement.FolderHash;
import io.github.moa4j.router.RouterKind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Domains that come, are replaced and go. */
final class ChangeDomainsTest {

  private final SmallMixture small = SmallMixture.shared();

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
      assertThat(SmallMixture.routed(directory.state(), kind))
          .containsExactlyInAnyOrder("cron", "shell", "sql");
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
  void routersForgetADomainThatIsReplacedByOneTheyMayNotLearn() {
    Path mixture = small.copy();

    ProgramRun run = small.add(mixture, "cron", "--replace", "--privacy-epsilon", 50);

    assertThat(run.out()).as(run.toString()).contains("have not learnt the domain");
    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domain("cron").version()).isEqualTo(2);
    for (RouterKind kind : RouterKind.values()) {
      assertThat(SmallMixture.routed(state, kind)).containsExactly("shell");
    }
  }

  @Test
  void removeDomainForgetsItInBothRoutersDownToTheLast() {
    Path mixture = small.copy();

    ProgramRun run = ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "cron");

    assertThat(run.exitCode()).as(run.toString()).isZero();
    MixtureDirectory directory = MixtureDirectory.open(mixture);
    for (RouterKind kind : RouterKind.values()) {
      assertThat(SmallMixture.routed(directory.state(), kind)).containsExactly("shell");
    }
    assertThat(ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "cron").error())
        .contains("There is no domain 'cron'");
    assertThat(ProgramRun.of(new RemoveDomain(), "--mixture", mixture, "shell").exitCode())
        .isZero();
    assertThat(directory.state().domains()).isEmpty();
    for (RouterKind kind : RouterKind.values()) {
      assertThat(SmallMixture.routed(directory.state(), kind)).isEmpty();
    }
  }
}
