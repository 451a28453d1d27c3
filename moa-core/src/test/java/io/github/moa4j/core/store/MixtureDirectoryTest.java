package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.BASE;
import static io.github.moa4j.core.store.SampleVersions.labelOf;
import static io.github.moa4j.core.store.SampleVersions.labelled;
import static io.github.moa4j.core.store.SampleVersions.labels;
import static io.github.moa4j.core.store.SampleVersions.provenance;
import static io.github.moa4j.core.store.SampleVersions.versionFolders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.files.FaultyDisk;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixtureDirectoryTest {

  @TempDir Path folder;
  private Path root;
  private MixtureDirectory mixture;

  @BeforeEach
  void createMixture() {
    root = folder.resolve("mixture");
    mixture = MixtureDirectory.create(root, BASE, "models/small");
    mixture.keepVersions(0);
  }

  @Test
  void startsWithoutDomainsAndRouter() {
    MixtureState state = MixtureDirectory.open(root).state();

    assertThat(state.baseFingerprint()).isEqualTo(BASE);
    assertThat(state.base()).contains("models/small");
    assertThat(state.domains()).isEmpty();
    assertThat(state.routerDirectory()).isEmpty();
  }

  @Test
  void refusesToCreateOverAMixture() {
    assertThatThrownBy(() -> MixtureDirectory.create(root, "other"))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("already holds a mixture");
    assertThat(mixture.state().baseFingerprint()).isEqualTo(BASE);
  }

  @Test
  void refusesToOpenAFolderThatIsNoMixture() {
    assertThatThrownBy(() -> MixtureDirectory.open(folder))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("no moa.json");
  }

  @Test
  void keepsDomainsInTheOrderOfTheirAddition() {
    mixture.addDomain("sql", labelled("a"));
    mixture.addDomain("cron", labelled("b"));
    mixture.replaceDomain("sql", labelled("c"));

    MixtureState state = MixtureDirectory.open(root).state();

    assertThat(state.domains().keySet()).containsExactly("sql", "cron");
    assertThat(labels(state)).isEqualTo(Map.of("sql", "c", "cron", "b"));
    assertThat(mixture.adapterDirectory("sql")).isEqualTo(root.resolve("adapters/sql/v0002"));
  }

  @Test
  void showsAnAdapterAndTheRouterThatKnowsItTogether() {
    MixtureState state =
        mixture.commit(
            change -> {
              change.addDomain("sql", labelled("a"));
              assertThat(MixtureDirectory.open(root).state().domains()).isEmpty();
              change.setRouter(labelled("r"));
              assertThat(mixture.state().domains()).isEmpty();
            });

    assertThat(labels(state)).isEqualTo(Map.of("sql", "a", "router", "r"));
    assertThat(mixture.state()).isEqualTo(state);
  }

  @Test
  void changesNothingIfOneChangeOfACommitFails() {
    mixture.addDomain("sql", labelled("a"));
    MixtureState before = mixture.state();

    assertThatThrownBy(
            () ->
                mixture.commit(
                    change -> {
                      change.addDomain("cron", labelled("b"));
                      change.removeDomain("sql");
                      change.setRouter(
                          path -> {
                            throw new IllegalStateException("training failed");
                          });
                    }))
        .hasMessage("training failed");

    assertThat(mixture.state()).isEqualTo(before);
    assertThat(versionFolders(root)).containsExactly("adapters/sql/v0001");
  }

  @Test
  void neverGivesAVersionNumberTwice() {
    mixture.addDomain("sql", labelled("a"));
    mixture.removeDomain("sql");
    assertThat(mixture.addDomain("sql", labelled("b")).domain("sql").version()).isEqualTo(2);

    assertThatThrownBy(() -> mixture.replaceDomain("sql", path -> {}))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("Nothing was written");
    mixture.removeRetired();

    assertThat(mixture.replaceDomain("sql", labelled("c")).domain("sql").version()).isEqualTo(4);
  }

  @Test
  void neverReusesTheNumberOfAWriterThatDied() throws IOException {
    mixture.addDomain("sql", labelled("a"));
    Files.createDirectories(root.resolve(".writing-adapters.sql.v0002/more"));
    Files.createDirectories(root.resolve(".writing-adapters.cron.v0001"));
    Files.createDirectories(root.resolve(".deleted-router.v0003"));
    Files.writeString(root.resolve(".moa.json.tmp"), "{ \"formatVer");

    MixtureDirectory.open(root);

    assertThat(versionFolders(root)).containsExactly("adapters/sql/v0001");
    assertThat(root.resolve(".moa.json.tmp")).doesNotExist();
    assertThat(mixture.replaceDomain("sql", labelled("b")).domain("sql").version()).isEqualTo(3);
    assertThat(mixture.addDomain("cron", labelled("c")).domain("cron").version()).isEqualTo(2);
    assertThat(mixture.setRouter(labelled("r")).routerVersion()).hasValue(4);
  }

  /** It wrote beside the whole versions, or under the final name itself. */
  @Test
  void neverReusesTheNumberOfAWriterOfAnEarlierReleaseThatDied() throws IOException {
    mixture.addDomain("sql", labelled("a"));
    Files.createDirectories(root.resolve("adapters/sql/v0002"));
    Files.createDirectories(root.resolve("adapters/sql/.writing-v0003/more"));
    Files.createDirectories(root.resolve("adapters/cron/v0001"));
    Files.createDirectories(root.resolve("router/.deleted-v0003"));

    assertThat(mixture.replaceDomain("sql", labelled("b")).domain("sql").version()).isEqualTo(4);
    assertThat(root.resolve("adapters/sql/.writing-v0003")).doesNotExist();
    mixture.removeRetired();

    assertThat(versionFolders(root)).containsExactly("adapters/sql/v0004");
    assertThat(root.resolve("adapters/cron")).doesNotExist();
    assertThat(mixture.addDomain("cron", labelled("c")).domain("cron").version()).isEqualTo(2);
    assertThat(mixture.setRouter(labelled("r")).routerVersion()).hasValue(4);
  }

  @Test
  void looksAtNoOtherDomainsFolder() {
    root = FaultyDisk.sound(folder.resolve("many"));
    mixture = MixtureDirectory.create(root, BASE);
    mixture.commit(
        change -> {
          for (int i = 0; i < 20; i++) {
            change.addDomain("domain" + i, labelled("a" + i));
          }
        });
    mixture.replaceDomain("domain7", labelled("old"));
    FaultyDisk.touched(root);

    mixture = MixtureDirectory.open(root);
    MixtureState state = mixture.state();
    assertThat(FaultyDisk.touched(root)).containsExactlyInAnyOrder("", "moa.json");

    mixture.replaceDomain("domain7", labelled("b"));
    mixture.pinDomain("domain8");
    mixture.setPrompts(new PromptSettings(Map.of(), Optional.of("{{ messages }}")));
    assertThat(FaultyDisk.touched(root))
        .contains("moa.json", "adapters/domain7/v0003")
        .noneMatch(path -> path.matches("adapters/(?!domain7).*"));

    state.adapterDirectory("domain9");
    assertThat(FaultyDisk.touched(root)).noneMatch(path -> path.matches("adapters/(?!domain9).*"));
  }

  @Test
  void understandsItsManifestOnceWhileItStaysAsItIs() throws IOException {
    mixture.addDomain("sql", labelled("a"));
    MixtureState state = mixture.state();
    assertThat(mixture.state()).isSameAs(state);

    MixtureDirectory.open(root).addDomain("cron", labelled("b"));
    assertThat(mixture.state().domains()).containsOnlyKeys("sql", "cron");

    Path json = root.resolve("moa.json");
    Files.writeString(json, Files.readString(json).replace(BASE, "BASE" + BASE.substring(4)));
    assertThat(mixture.state().baseFingerprint()).startsWith("BASE");
  }

  @Test
  void leavesWhatAWriterIsWritingAlone() {
    mixture.addDomain(
        "sql",
        path -> {
          labelled("a").accept(path);
          MixtureDirectory.open(root);
          assertThat(labelOf(path)).isEqualTo("a");
        });

    assertThat(labels(mixture.state())).isEqualTo(Map.of("sql", "a"));
  }

  @Test
  void keepsReplacedVersionsForAWhile() {
    mixture.addDomain("sql", labelled("a"));
    MixtureState old = mixture.state();
    mixture.replaceDomain("sql", labelled("b"));
    mixture.removeDomain("sql");
    mixture.addDomain("cron", labelled("c"));

    assertThat(labels(old)).isEqualTo(Map.of("sql", "a"));

    Clock later = Clock.offset(Clock.systemUTC(), MixtureDirectory.RETENTION.plusSeconds(60));
    new MixtureDirectory(root, Duration.ZERO, later).pinDomain("cron");

    assertThat(versionFolders(root)).containsExactly("adapters/cron/v0001");
    assertThat(root.resolve("adapters/sql")).doesNotExist();
  }

  @Test
  void removesReplacedVersionsOnRequest() {
    mixture.addDomain("sql", labelled("a"));
    mixture.replaceDomain("sql", labelled("b"));

    mixture.removeRetired();

    assertThat(versionFolders(root)).containsExactly("adapters/sql/v0002");
  }

  @Test
  void readsAgainWhatWasRemovedWhileReading() {
    mixture.addDomain("sql", labelled("a"));

    String label =
        mixture.read(
            state -> {
              if (state.domain("sql").version() == 1) {
                mixture.replaceDomain("sql", labelled("b"));
                mixture.removeRetired();
              }
              return labelOf(state.adapterDirectory("sql"));
            });

    assertThat(label).isEqualTo("b");
  }

  @Test
  void leavesUnknownFilesAndFieldsAlone() throws IOException {
    mixture.addDomain("sql", labelled("a"));
    Files.writeString(root.resolve("README.md"), "mine");
    Files.writeString(root.resolve("adapters/notes.txt"), "mine");
    Files.createDirectories(root.resolve("adapters/sql/experiment"));
    Files.createDirectories(root.resolve("adapters/sql/v1"));
    Path json = root.resolve("moa.json");
    Files.writeString(
        json, Files.readString(json).replaceFirst("\\{", "{\"note\": [1, 2], \"odd\": NaN,"));

    MixtureDirectory.open(root).replaceDomain("sql", labelled("b"));
    mixture.removeRetired();

    assertThat(root.resolve("README.md")).hasContent("mine");
    assertThat(root.resolve("adapters/notes.txt")).hasContent("mine");
    assertThat(root.resolve("adapters/sql/experiment")).isDirectory();
    assertThat(root.resolve("adapters/sql/v1")).isDirectory();
    assertThat(Files.readString(json)).contains("\"note\" : [ 1, 2 ]");
  }

  @Test
  void fixesWhatPromptsAreRenderedWith() throws IOException {
    assertThat(mixture.state().prompts()).isEqualTo(PromptSettings.NONE);
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("enable_thinking", false);
    variables.put("date_string", "26 Jul 2024");
    variables.put("limit", 5L);
    variables.put("tools", List.of(Map.of("name", "search")));
    variables.put("nothing", null);
    PromptSettings settings = new PromptSettings(variables, Optional.of("{{ messages }} ä"));

    MixtureState state =
        mixture.commit(
            change -> {
              change.addDomain("sql", labelled("a"));
              change.setPrompts(settings);
            });

    assertThat(state.prompts()).isEqualTo(settings);
    assertThat(MixtureDirectory.open(root).state()).isEqualTo(state);
    assertThat(mixture.replaceDomain("sql", labelled("b")).prompts()).isEqualTo(settings);
    assertThat(settings.variables().keySet()).containsExactlyElementsOf(variables.keySet());
    assertThat(Files.readString(root.resolve("moa.json"))).contains("\"enable_thinking\" : false");
    mixture.setPrompts(PromptSettings.NONE);
    assertThat(Files.readString(root.resolve("moa.json")))
        .doesNotContain("promptVariables")
        .doesNotContain("chatTemplate");
    assertThatThrownBy(() -> new PromptSettings(Map.of("x", new Object()), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    String huge = "x".repeat(40_000_000);
    assertThatThrownBy(() -> mixture.setPrompts(new PromptSettings(Map.of(), Optional.of(huge))))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("Shorten the chat template");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SQL", "a b", "a/b", "..", ".", "../x", "a\\b", "é", "a\n"})
  void refusesNamesThatAreNoFolderNames(String name) {
    assertThatThrownBy(() -> mixture.addDomain(name, labelled("a")))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("1 to 64 characters out of a-z");
    assertThat(versionFolders(root)).isEmpty();
  }

  @Test
  void refusesNamesThatAreTooLong() {
    assertThatThrownBy(() -> mixture.addDomain("a".repeat(65), labelled("a")))
        .isInstanceOf(AdapterException.class);
    mixture.addDomain("a".repeat(64), labelled("a"));
  }

  @Test
  void listsTheKnownDomainsWhenOneIsUnknown() {
    assertThatThrownBy(() -> mixture.adapterDirectory("sql"))
        .isInstanceOf(AdapterException.class)
        .hasMessage("There is no domain 'sql': no domain was added yet.");
    mixture.addDomain("shell", labelled("a"));
    mixture.addDomain("cron", labelled("b"));

    assertThatThrownBy(() -> mixture.removeDomain("shel"))
        .isInstanceOf(AdapterException.class)
        .hasMessage("There is no domain 'shel'; did you mean 'shell'? Known domains: cron, shell.");
    assertThatThrownBy(() -> mixture.replaceDomain("sql", labelled("c")))
        .hasMessage("There is no domain 'sql'. Known domains: cron, shell.");
    assertThatThrownBy(() -> mixture.addDomain("cron", labelled("c")))
        .hasMessageContaining("already has a domain 'cron'");
  }

  @Test
  void refusesAdapterTrainedOnAnotherBase() {
    assertThatThrownBy(() -> mixture.addDomain("sql", path -> provenance("other-base").write(path)))
        .isInstanceOf(AdapterException.class)
        .hasMessageContaining("'sql'")
        .hasMessageContaining("other-base")
        .hasMessageContaining(BASE);
    assertThatThrownBy(() -> mixture.setRouter(path -> provenance("other-base").write(path)))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("other-base");
    assertThat(versionFolders(root)).isEmpty();
  }

  @Test
  void countsAnAdapterWithoutProvenanceAsUnverifiedUntilPinned() {
    mixture.addDomain("imported", labelled("a"));
    mixture.addDomain("trained", path -> provenance(BASE).write(path));
    assertThat(mixture.state().domain("imported").verified()).isFalse();
    assertThat(mixture.state().domain("trained").verified()).isTrue();

    mixture.pinDomain("imported");

    assertThat(mixture.state().domain("imported").verified()).isTrue();
    assertThat(labelOf(mixture.adapterDirectory("imported"))).isEqualTo("a");
  }

  @Test
  void refusesTheWrongBase() {
    assertThatThrownBy(() -> mixture.state().checkBase("other-base"))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining(BASE)
        .hasMessageContaining("models/small")
        .hasMessageContaining("other-base");
    mixture.state().checkBase(BASE);
  }

  @Test
  void tellsASecondWriterThatItMustWait() {
    MixtureDirectory impatient = MixtureDirectory.open(root, Duration.ofMillis(50));

    mixture.addDomain(
        "sql",
        path -> {
          labelled("a").accept(path);
          assertThatThrownBy(() -> impatient.addDomain("cron", labelled("b")))
              .isInstanceOf(MixtureException.class)
              .hasMessageContaining("Another writer");
        });

    assertThat(impatient.addDomain("cron", labelled("b")).domains()).containsKeys("sql", "cron");
  }

  @Test
  void refusesChangesAfterTheCommit() {
    MixtureChange[] leaked = new MixtureChange[1];
    mixture.commit(change -> leaked[0] = change);

    assertThatThrownBy(() -> leaked[0].addDomain("sql", labelled("a")))
        .isInstanceOf(IllegalStateException.class);
  }
}
