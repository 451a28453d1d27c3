package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelOf;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.versionFolders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.FaultyDisk;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions of an adapter that are kept, activated and rolled back. */
class KeptVersionsTest {

  @TempDir private Path folder;
  private Path root;
  private MixtureDirectory mixture;

  @BeforeEach
  void createMixture() {
    root = folder.resolve("mixture");
    mixture = MixtureDirectory.create(root, BASE);
    mixture.addDomain("sql", labelled("1"));
    mixture.replaceDomain("sql", labelled("2"));
    mixture.replaceDomain("sql", labelled("3"));
  }

  private List<Integer> versions() {
    return mixture.versions("sql").stream().map(AdapterVersion::version).toList();
  }

  private String active() {
    return labelOf(mixture.adapterDirectory("sql"));
  }

  @Test
  void listsThemWithWhereTheyComeFrom() {
    Provenance provenance =
        new Provenance(
            BASE, List.of(), Map.of("rank", 8), 1, Map.of(), Map.of("loss", 0.5), Optional.empty());
    mixture.replaceDomain("sql", path -> provenance.write(path));

    List<AdapterVersion> listed = mixture.versions("sql");

    assertThat(versions()).containsExactly(4, 3, 2, 1);
    assertThat(listed.get(0).active()).isTrue();
    assertThat(listed.get(0).verified()).isTrue();
    assertThat(listed.get(0).metrics()).containsEntry("loss", 0.5);
    assertThat(listed.get(0).provenance()).contains(provenance);
    assertThat(listed.subList(1, 4))
        .noneMatch(AdapterVersion::active)
        .noneMatch(AdapterVersion::verified)
        .allMatch(version -> version.metrics().isEmpty() && version.damage().isEmpty());
    assertThat(listed).isSortedAccordingTo((a, b) -> b.committed().compareTo(a.committed()));
    assertThatThrownBy(() -> mixture.versions("sq"))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("did you mean 'sql'?");
  }

  @Test
  void oneCanBeRemovedForGood() {
    mixture.commit(change -> change.removeVersion("sql", 2));
    mixture.removeRetired();

    assertThat(versions()).containsExactly(3, 1);
    assertThat(versionFolders(root)).containsExactly("adapters/sql/v0001", "adapters/sql/v0003");
    assertThatThrownBy(() -> mixture.commit(change -> change.removeVersion("sql", 3)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("Version 3 is active");
    assertThatThrownBy(() -> mixture.commit(change -> change.removeVersion("cron", 1)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("cron");
  }

  @Test
  void oneIsActivatedAndTheOtherKept() {
    mixture.activate("sql", 1);

    assertThat(active()).isEqualTo("1");
    assertThat(versions()).containsExactly(3, 2, 1);
    assertThat(mixture.previousVersion("sql")).hasValue(3);
    mixture.activate("sql", 3);
    assertThat(active()).isEqualTo("3");
    assertThat(mixture.previousVersion("sql")).hasValue(1);
    assertThat(mixture.activate("sql", 3)).isEqualTo(mixture.state());
    assertThat(MixtureDirectory.open(root).versions("sql")).isEqualTo(mixture.versions("sql"));
  }

  @Test
  void numbersGoOnAfterARollback() {
    mixture.activate("sql", 1);

    assertThat(mixture.replaceDomain("sql", labelled("4")).domain("sql").version()).isEqualTo(4);
    assertThat(versions()).containsExactly(4, 3, 2, 1);
  }

  @Test
  void whatWasActiveLongestAgoGoesFirst() {
    mixture.replaceDomain("sql", labelled("4"));
    mixture.activate("sql", 1);
    mixture.replaceDomain("sql", labelled("5"));

    assertThat(versions()).containsExactly(5, 4, 3, 1);
    mixture.removeRetired();
    assertThat(versionFolders(root))
        .containsExactly(
            "adapters/sql/v0001", "adapters/sql/v0003", "adapters/sql/v0004", "adapters/sql/v0005");
  }

  @Test
  void keepsAsManyAsOneLikes() {
    mixture.keepVersions(1);
    assertThat(versions()).containsExactly(3, 2);
    mixture.keepVersions(0);
    assertThat(versions()).containsExactly(3);
    mixture.replaceDomain("sql", labelled("4"));
    assertThat(MixtureDirectory.open(root).versions("sql")).hasSize(1);
    assertThatThrownBy(() -> mixture.keepVersions(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAVersionThatIsNotKept() {
    assertThatThrownBy(() -> mixture.activate("sql", 7))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("Version 7 of domain 'sql' is not kept")
        .hasMessageContaining("Version 3 is active; kept are [1, 2]");
    assertThatThrownBy(() -> mixture.activate("cron", 1)).isInstanceOf(AdapterException.class);
  }

  @Test
  void saysWhichVersionIsDamagedAndDoesNotActivateIt() throws IOException {
    DurableFiles.deleteTree(root.resolve("adapters/sql/v0001"));
    Files.writeString(root.resolve("adapters/sql/v0002/provenance.json"), "{");

    assertThat(mixture.versions("sql").get(2).damage().orElseThrow()).contains("v0001 is missing");
    assertThat(mixture.versions("sql").get(1).damage().orElseThrow()).contains("is damaged");
    assertThatThrownBy(() -> mixture.activate("sql", 1))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("v0001 is missing");
    assertThat(active()).isEqualTo("3");
  }

  @Test
  void goWithTheirDomain() {
    mixture.removeDomain("sql");
    mixture.removeRetired();

    assertThat(versionFolders(root)).isEmpty();
    assertThat(mixture.addDomain("sql", labelled("4")).domain("sql").version()).isEqualTo(4);
    assertThat(versions()).containsExactly(4);
    assertThat(mixture.unlisted()).isEmpty();
  }

  /** It removes the domain and knows nothing of what was kept of it. */
  @Test
  void withstandAWriterOfAnEarlierRelease() throws IOException {
    Path json = root.resolve("moa.json");
    String text = Files.readString(json);
    Files.writeString(
        json, text.replaceFirst("(?s)\"domains\" : \\{.*?\\}\\s*\\}", "\"domains\" : {}"));

    MixtureDirectory opened = MixtureDirectory.open(root);

    assertThat(opened.state().domains()).isEmpty();
    assertThat(opened.unlisted()).hasSize(3);
    assertThat(opened.addDomain("sql", labelled("4")).domain("sql").version()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"router/v0001", "adapters/sql/v1", "../v0001", "adapters/sql/v0003"})
  void refusesAFileThatKeepsWhatCannotBe(String path) throws IOException {
    Path json = root.resolve("moa.json");
    Files.writeString(
        json, Files.readString(json).replace("\"adapters/sql/v0001\"", "\"" + path + "\""));

    assertThatThrownBy(() -> MixtureDirectory.open(root))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("moa.json is damaged");
  }

  @Test
  void survivesEveryFaultOfTheDiskAndEveryDeathOfTheWriter() {
    for (BiFunction<Integer, Path, Path> kind :
        List.<BiFunction<Integer, Path, Path>>of(FaultyDisk::failingAt, FaultyDisk::deadFrom)) {
      boolean failed = true;
      for (int fault = 0; failed; fault++) {
        mixture.activate("sql", 3);
        Path faulty = kind.apply(fault, root);
        boolean said = true;
        try {
          MixtureDirectory.open(faulty).activate("sql", 1);
        } catch (MixtureException e) {
          said = false;
        }
        failed = FaultyDisk.hasFailed(faulty);

        mixture = MixtureDirectory.open(root);
        assertThat(active()).isIn(said ? List.of("1") : List.of("1", "3"));
        assertThat(versions()).containsExactly(3, 2, 1);
        assertThat(mixture.versions("sql"))
            .allMatch(
                version ->
                    labelOf(mixture.adapterDirectory("sql", version.version()))
                        .equals("" + version.version()));
      }
    }
    assertThat(mixture.unlisted()).isEmpty();
  }
}
