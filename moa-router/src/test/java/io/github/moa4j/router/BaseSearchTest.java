package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture is moved, and finds its base. */
class BaseSearchTest {

  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir private Path folder;
  private TestMixture files;
  private Path mixture;

  @BeforeEach
  void writeMixture() throws IOException {
    Path home = Files.createDirectories(folder.resolve("home"));
    files = TestMixture.in(home);
    mixture = files.directory.directory();
  }

  private static void opens(Path moved) {
    try (MixtureOfLoras opened = MixtureOfLoras.builder(moved).open()) {
      assertThat(opened.registry().domains()).hasSize(2);
    }
  }

  private static MixtureState state(Path moved) {
    return MixtureDirectory.open(moved).state();
  }

  private static void setBase(Path moved, String base) throws IOException {
    Path json = moved.resolve("moa.json");
    Files.writeString(
        json,
        Files.readString(json)
            .replaceFirst("\"base\" : \"[^\"]*\"", "\"base\" : \"" + base + "\""));
  }

  @Test
  void storesNoAbsolutePath() throws IOException {
    assertThat(state(mixture).base()).contains("../base");
    assertThat(Files.readString(mixture.resolve("moa.json"))).doesNotContain(folder.toString());
  }

  @Test
  void isFoundWhenBothAreMoved() throws IOException {
    Path away = Files.move(folder.resolve("home"), folder.resolve("away"));

    opens(away.resolve("mixture"));
  }

  @Test
  void isFoundBesideTheMixtureOrInIt() throws IOException {
    Path far = Files.createDirectories(folder.resolve("a/b/c"));
    MixtureDirectory made =
        MixtureDirectory.create(
            far.resolve("mixture"),
            files.directory.state().baseFingerprint(),
            files.base.toString());
    made.addDomain("colours", files.adapter(1));
    assertThat(made.state().base()).contains("../../../../home/base");
    Path other = Files.createDirectories(folder.resolve("other"));
    Path moved = Files.move(made.directory(), other.resolve("mixture"));
    Path beside = Files.move(files.base, other.resolve("base"));

    assertThat(BaseSearch.find(MixtureDirectory.open(moved))).isEqualTo(beside);
    Path within = Files.move(beside, moved.resolve("base"));
    assertThat(BaseSearch.find(MixtureDirectory.open(moved))).isEqualTo(within);
  }

  @Test
  void isFoundThroughALinkToTheMixture() throws IOException {
    Path links = Files.createDirectories(folder.resolve("links/deep"));
    Path link = Files.createSymbolicLink(links.resolve("mine"), mixture);

    opens(link);
  }

  @Test
  void isFoundInTheCacheOfTheHubByItsName() throws IOException {
    Path snapshot = folder.resolve("hub/models--org--small/snapshots/" + COMMIT);
    Files.createDirectories(snapshot.getParent());
    Files.move(files.base, snapshot);
    Path refs = Files.createDirectories(folder.resolve("hub/models--org--small/refs"));
    Files.writeString(refs.resolve("main"), COMMIT);
    MixtureDirectory made =
        MixtureDirectory.create(folder.resolve("made"), "f", snapshot.toString());
    assertThat(made.state().base()).contains("org/small");
    setBase(mixture, "/home/else/.cache/huggingface/hub/models--org--small/snapshots/" + COMMIT);

    assertThat(BaseSearch.find(state(mixture), base -> base.cache(folder.resolve("hub"))))
        .isEqualTo(snapshot);
    assertThatThrownBy(
            () -> BaseSearch.find(state(mixture), base -> base.cache(folder.resolve("empty"))))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("org/small in the cache of the hub");
  }

  @Test
  void theFingerprintDecidesBetweenSeveral() throws IOException {
    Path away = Files.createDirectories(folder.resolve("away"));
    Path moved = Files.move(mixture, away.resolve("mixture"));
    TestMixture.writeBase(away.resolve("base"), 2 * TestMixture.HIDDEN);
    Path within = Files.move(files.base, moved.resolve("base"));

    assertThat(BaseSearch.find(MixtureDirectory.open(moved))).isEqualTo(within);
  }

  @Test
  void anotherBaseIsRefused() throws IOException {
    Path away = Files.createDirectories(folder.resolve("away"));
    Path moved = Files.move(mixture, away.resolve("mixture"));
    TestMixture.writeBase(away.resolve("base"), 2 * TestMixture.HIDDEN);

    assertThatThrownBy(() -> opens(moved))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining(state(moved).baseFingerprint());
  }

  @Test
  void saysWhereItHasLooked() throws IOException {
    Path away = Files.createDirectories(folder.resolve("away"));
    Path moved = Files.move(mixture, away.resolve("mixture"));

    assertThatThrownBy(() -> opens(moved))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("not found in")
        .hasMessageContaining(away.resolve("base").toString())
        .hasMessageContaining(moved.resolve("base").toString())
        .hasMessageContaining("name the base's directory");
    Files.writeString(
        moved.resolve("moa.json"),
        Files.readString(moved.resolve("moa.json")).replaceFirst("\"base\" : [^,]*,", ""));
    assertThat(state(moved).base()).isEqualTo(Optional.empty());
    assertThatThrownBy(() -> opens(moved))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("does not say where that is");
  }

  @Test
  void absolutePathsOfEarlierReleasesStillLead() throws IOException {
    Path away = Files.createDirectories(folder.resolve("away"));
    Path moved = Files.move(mixture, away.resolve("mixture"));
    setBase(moved, files.base.toString().replace("\\", "/"));

    opens(moved);
  }
}
