package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelOf;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static io.github.moa4j.core.store.SampleVersions.namedFolders;
import static io.github.moa4j.core.store.SampleVersions.versionFolders;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mixture withstands: processes that die, compete and read while others write. */
class MixtureProcessTest {

  private static final int KILLS = 20;

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void createMixture() {
    root = folder.resolve("mixture");
    MixtureDirectory.create(root, BASE);
  }

  @Test
  void keepsTheOldStateOrTheNewOneWhenItsWriterIsKilled() throws Exception {
    Random random = new Random(7);
    MixtureManifest before = MixtureManifestReader.read(root);
    int endedBefore = 0;
    int killedInTheMiddle = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> said = runAndKill(random.nextInt(60_000_000));
      String last = said.get(said.size() - 1);
      endedBefore += (int) said.stream().filter("end"::equals).count();

      MixtureState state = MixtureDirectory.open(root).state();

      int number = MixtureWriterProcess.lastChange(state);
      if (last.equals("end")) {
        assertThat(number).isEqualTo(endedBefore);
      } else {
        killedInTheMiddle++;
        assertThat(number).isBetween(endedBefore, endedBefore + 1);
        assertThat(last).isEqualTo("begin " + (endedBefore + 1));
      }
      endedBefore = number;
      assertThat(labels(state)).isEqualTo(MixtureWriterProcess.labelsAfter(number));
      assertVersionsGrow(state, before);
      assertOnlyNamedAndRetiredFoldersAreLeft(state);
      before = MixtureManifestReader.read(root);
    }
    assertThat(killedInTheMiddle).isGreaterThan(KILLS / 4);
  }

  /** Returns what a writer said before it was killed, some nanoseconds after its first word. */
  private List<String> runAndKill(int nanoseconds) throws IOException, InterruptedException {
    Process process = MixtureWriterProcess.start(root, Integer.MAX_VALUE);
    try (BufferedReader output = process.inputReader()) {
      List<String> said = new ArrayList<>(List.of(output.readLine()));
      Thread.sleep(nanoseconds / 1_000_000, nanoseconds % 1_000_000);
      process.toHandle().destroyForcibly(); // the process's own method closes its output
      process.waitFor();
      output.lines().forEach(said::add);
      return said;
    }
  }

  /** A version that was not there before has a number that was never given before. */
  private void assertVersionsGrow(MixtureState state, MixtureManifest before) {
    state
        .domains()
        .forEach(
            (name, domain) -> {
              MixtureState.Domain old = before.state().domains().get(name);
              if (old == null || old.version() != domain.version()) {
                assertThat(domain.version()).isGreaterThan(before.lastVersion(Optional.of(name)));
              }
            });
  }

  private void assertOnlyNamedAndRetiredFoldersAreLeft(MixtureState state) {
    Stream<String> retired =
        MixtureManifestReader.read(root).retired().keySet().stream().map(VersionFolder::toString);
    List<String> kept =
        MixtureManifestReader.read(root).kept().versions().keySet().stream()
            .map(VersionFolder::toString)
            .toList();
    kept.forEach(version -> labelOf(root.resolve(version)));
    MixtureDirectory mixture = MixtureDirectory.open(root);
    List<UnlistedVersion> whole = mixture.unlisted(); // killed right before moa.json was replaced
    assertThat(whole).hasSizeLessThanOrEqualTo(2);
    whole.forEach(version -> labelOf(version.directory()));
    mixture.removeUnlisted(whole);
    assertThat(Stream.of(namedFolders(state).stream(), kept.stream(), retired).flatMap(s -> s))
        .containsAll(versionFolders(root));
    assertThat(root).isDirectoryNotContaining("glob:**.tmp");
    assertThat(root).isDirectoryNotContaining("glob:**/.writing-*");

    mixture.removeRetired();

    assertThat(versionFolders(root))
        .isEqualTo(Stream.concat(namedFolders(state).stream(), kept.stream()).sorted().toList());
  }

  @Test
  void losesNoChangeWhenProcessesWriteAtOnceAndShowsReadersWholeStatesOnly() throws Exception {
    List<Process> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Process writer = MixtureWriterProcess.start(root, 12);
      writers.add(writer);
    }
    MixtureDirectory mixture = MixtureDirectory.open(root);
    int seen = 0;
    while (writers.stream().anyMatch(Process::isAlive)) {
      int number = mixture.read(MixtureProcessTest::verifiedChange);
      assertThat(number).isGreaterThanOrEqualTo(seen);
      seen = number;
    }

    for (Process writer : writers) {
      assertThat(writer.waitFor()).isZero();
    }
    assertThat(mixture.read(MixtureProcessTest::verifiedChange)).isEqualTo(36);
  }

  private static int verifiedChange(MixtureState state) {
    int number = MixtureWriterProcess.lastChange(state);
    assertThat(labels(state)).isEqualTo(MixtureWriterProcess.labelsAfter(number));
    return number;
  }
}
