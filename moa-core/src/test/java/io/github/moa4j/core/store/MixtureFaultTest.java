package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static io.github.moa4j.core.store.SampleVersions.namedFolders;
import static io.github.moa4j.core.store.SampleVersions.versionFolders;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionException;
import io.github.moa4j.core.encryption.EncryptionKeys;
import io.github.moa4j.core.files.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every operation of the disk fails once, and every instant is once the last of the process: the
 * old state or the new one is left, whole, and the space can be used again.
 */
final class MixtureFaultTest {

  private static final Map<String, String> OLD = Map.of("sql", "a", "cron", "b", "router", "r");
  private static final Map<String, String> NEW = Map.of("sql", "c", "shell", "d", "router", "s");

  private static final Encryption ENCRYPTION =
      Encryption.with(EncryptionKeys.of("k1", new SecretKeySpec(new byte[32], "HmacSHA256")));

  @TempDir private Path folder;
  private Path sample;
  private int copies;

  /** A mixture with a retired version, an unfinished one, and one that is not mentioned. */
  @BeforeEach
  void createSample() throws IOException {
    sample = folder.resolve("sample");
    Path root = FaultyDisk.sound(sample);
    MixtureDirectory mixture = MixtureDirectory.create(root, BASE);
    mixture.keepVersions(0);
    mixture.addDomain("sql", labelled("older"));
    mixture.replaceDomain("sql", labelled("a"));
    mixture.addDomain("cron", labelled("b"));
    mixture.setRouter(labelled("r"));
    Path unfinished = Files.createDirectories(root.resolve("adapters/sql/.writing-v0003"));
    Files.writeString(unfinished.resolve("label"), "unfinished"); // by an earlier release
    Files.createDirectories(root.resolve(".writing-adapters.cron.v0002/more"));
    labelled("unlisted").accept(Files.createDirectories(root.resolve("adapters/sql/v0004")));
    Files.writeString(root.resolve(".moa.json.tmp"), "{");
  }

  private Path copyOfSample(String name) throws IOException {
    Path copy = folder.resolve(name);
    try (Stream<Path> paths = Files.walk(sample)) {
      for (Path path : paths.toList()) {
        Files.copy(path, copy.resolve(sample.relativize(path)));
      }
    }
    return copy;
  }

  @Test
  void aCommitLeavesTheOldStateOrTheNewOne() throws IOException {
    int instants =
        everyFault(
            root ->
                new MixtureDirectory(root, Duration.ZERO, later())
                    .commit(
                        change -> {
                          change.replaceDomain("sql", labelled("c"));
                          change.removeDomain("cron");
                          change.addDomain("shell", labelled("d"));
                          change.setRouter(labelled("s"));
                        }),
            (said, found) -> said ? found.equals(NEW) : found.equals(OLD) || found.equals(NEW));
    assertThat(instants).isGreaterThan(80);
  }

  @Test
  void anEncryptedCommitDoesTheSame() throws IOException {
    Map<String, String> after = Map.of("sql", "c", "cron", "b", "router", "r");
    int instants =
        everyFault(
            root ->
                new MixtureDirectory(root, Duration.ZERO, later())
                    .encrypted(ENCRYPTION)
                    .replaceDomain("sql", labelled("c")),
            (said, found) -> said ? found.equals(after) : found.equals(OLD) || found.equals(after));
    assertThat(instants).isGreaterThan(60);
  }

  @Test
  void openingAndCleaningChangeNoState() throws IOException {
    everyFault(MixtureDirectory::open, (said, found) -> found.equals(OLD));
    everyFault(
        root -> new MixtureDirectory(root, Duration.ZERO, later()).removeRetired(),
        (said, found) -> found.equals(OLD));
    everyFault(
        root -> {
          MixtureDirectory mixture = new MixtureDirectory(root, Duration.ZERO, later());
          mixture.removeUnlisted(mixture.unlisted());
        },
        (said, found) -> found.equals(OLD));
  }

  @Test
  void creatingLeavesNothingOrAMixture() throws IOException {
    for (int fault = 0; ; fault++) {
      Path root = folder.resolve("created" + fault);
      Path faulty = FaultyDisk.failingAt(fault, root);
      boolean said = says(() -> MixtureDirectory.create(faulty, BASE));
      if (said || Files.exists(root.resolve("moa.json"))) {
        assertThat(MixtureDirectory.open(root).state().domains()).isEmpty();
      } else {
        MixtureDirectory.create(root, BASE);
      }
      if (!FaultyDisk.hasFailed(faulty)) {
        return;
      }
    }
  }

  /** Retired versions have expired by then. */
  private static Clock later() {
    return Clock.offset(Clock.systemUTC(), MixtureDirectory.RETENTION.plusSeconds(60));
  }

  private int everyFault(
      Consumer<Path> action, BiFunction<Boolean, Map<String, String>, Boolean> allowed)
      throws IOException {
    int instants = 0;
    for (BiFunction<Integer, Path, Path> kind :
        List.<BiFunction<Integer, Path, Path>>of(FaultyDisk::failingAt, FaultyDisk::deadFrom)) {
      boolean failed = true;
      for (int fault = 0; failed; fault++) {
        Path root = copyOfSample("copy" + copies++);
        Path faulty = kind.apply(fault, root);
        boolean said = says(() -> action.accept(faulty));
        failed = FaultyDisk.hasFailed(faulty);
        Path sound = FaultyDisk.sound(root);
        MixtureDirectory left = MixtureDirectory.open(sound).encrypted(ENCRYPTION);
        Map<String, String> labels = labels(left);
        assertThat(allowed.apply(said, labels))
            .as("operation %s of %s: %s, said %s", fault, kind, labels, said)
            .isTrue();
        assertCanGoOn(sound, left.state());
        instants++;
      }
    }
    return instants;
  }

  /** Runs an action that may fail with the exception of the room, and no other. */
  private static boolean says(Runnable action) {
    try {
      action.run();
      return true;
    } catch (MixtureException | EncryptionException e) {
      assertThat(e).hasMessageContaining("No space left on device");
      return false;
    }
  }

  /** What is unfinished is gone, no number is given again, and the rest can be removed. */
  private static void assertCanGoOn(Path root, MixtureState before) {
    MixtureDirectory mixture = MixtureDirectory.open(root).encrypted(ENCRYPTION);
    List<UnlistedVersion> unlisted = mixture.unlisted();
    unlisted.forEach(version -> SampleVersions.check(mixture, version));
    int highest =
        unlisted.stream()
            .filter(version -> version.domain().equals(Optional.of("sql")))
            .mapToInt(UnlistedVersion::version)
            .max()
            .orElse(0);
    MixtureState after = mixture.replaceDomain("sql", labelled("next"));
    assertThat(after.domain("sql").version())
        .isGreaterThan(Math.max(highest, before.domain("sql").version()))
        .isGreaterThan(2);
    assertThat(labels(mixture)).containsEntry("sql", "next");
    mixture.removeUnlisted(mixture.unlisted());
    mixture.removeRetired();
    assertThat(versionFolders(root)).isEqualTo(namedFolders(after));
    assertThat(root).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
  }
}
