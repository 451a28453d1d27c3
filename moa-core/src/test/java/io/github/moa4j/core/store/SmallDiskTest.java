package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A mixture on a real file system of one megabyte, which root can mount. */
@EnabledOnOs(OS.LINUX)
final class SmallDiskTest {

  @TempDir private Path folder;
  private Path disk;
  private MixtureDirectory mixture;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()),
        "Only root can mount a small disk.");
    mixture = MixtureDirectory.create(disk.resolve("mixture"), BASE);
    mixture.addDomain("sql", labelled("a"));
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  private static boolean run(String... command) throws Exception {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return false; // no such program
    }
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private static Consumer<Path> filling(int bytes) {
    return path -> {
      try {
        Files.write(path.resolve("weights"), new byte[bytes]);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @Test
  void aFullDiskLeavesTheOldStateAndNoRubbish() throws IOException {
    assertThatThrownBy(() -> mixture.replaceDomain("sql", filling(2_000_000)))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("No space left on device");
    assertThat(labels(mixture.state())).isEqualTo(Map.of("sql", "a"));

    mixture.replaceDomain("sql", filling(700_000)); // the space of the failed one is free again

    assertThat(mixture.state().domain("sql").version()).isEqualTo(3);
  }

  @Test
  void unfinishedWorkIsDeletedBeforeAnythingIsWritten() throws IOException {
    Path left = mixture.directory().resolve(".writing-adapters.sql.v0007");
    filling(700_000).accept(Files.createDirectories(left));
    Path filler = disk.resolve("filler");
    assertThatThrownBy(() -> Files.write(filler, new byte[1_000_000]))
        .hasMessageContaining("No space");

    mixture.replaceDomain("sql", filling(600_000));

    assertThat(mixture.state().domain("sql").version()).isEqualTo(8);
    assertThat(left).doesNotExist();
  }

  @Test
  void whenNotEvenTheManifestFitsTheSpaceComesBack() throws IOException {
    Path filler = disk.resolve("filler");
    assertThatThrownBy(() -> Files.write(filler, new byte[1_500_000])).isNotNull();
    assertThatThrownBy(() -> mixture.removeDomain("sql"))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("No space left on device");
    MixtureDirectory.open(mixture.directory());
    assertThat(labels(mixture.state())).isEqualTo(Map.of("sql", "a"));

    Files.delete(filler);

    assertThat(mixture.removeDomain("sql").domains()).isEmpty();
  }

  @Test
  void aReadOnlyDiskCanBeReadAndIsSaidToBeOne() throws Exception {
    Files.createDirectories(mixture.directory().resolve(".writing-adapters.sql.v0002"));
    assertThat(run("mount", "-o", "remount,ro", disk.toString())).isTrue();

    assertThat(labels(MixtureDirectory.open(mixture.directory()).state()))
        .isEqualTo(Map.of("sql", "a"));
    assertThatThrownBy(() -> mixture.replaceDomain("sql", labelled("b")))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("Read-only file system");
    assertThatThrownBy(() -> MixtureDirectory.create(disk.resolve("other"), BASE))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("Read-only file system");
  }
}
