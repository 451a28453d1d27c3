package io.github.moa4j.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixtureManifestTest {

  private static final String VALID =
      """
      {"formatVersion": 1, "baseFingerprint": "f",
       "domains": {"sql": {"version": 2, "verified": true, "committed": "2025-01-02T03:04:05Z"}},
       "router": {"version": 1}, "lastVersions": {"sql": 2, "old": 7}, "lastRouterVersion": 1,
       "retired": {"adapters/sql/v0001": "2025-01-02T03:04:05Z"}}
      """;

  @TempDir Path root;

  @Test
  void readsWhatTheFormatAllows() throws IOException {
    Files.writeString(root.resolve("moa.json"), VALID);

    MixtureManifest manifest = MixtureManifestReader.read(root);

    assertThat(manifest.state().domain("sql").version()).isEqualTo(2);
    assertThat(manifest.state().routerVersion()).hasValue(1);
    assertThat(manifest.lastVersions()).containsEntry("old", 7);
    assertThat(manifest.retired()).containsKey(VersionFolder.adapter("sql", 1));
    assertThat(manifest.unknown()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"formatVersion\": 1 | \"formatVersion\": \"1\" | formatVersion",
        "\"formatVersion\": 1 | \"formatVersion\": 0 | formatVersion",
        "\"baseFingerprint\": \"f\" | \"x\": 1 | baseFingerprint",
        "\"sql\": {\"version\" | \"../../x\": {\"version\" | cannot be the name",
        "\"sql\": {\"version\": 2 | \"sql\": {\"version\": 3 | above its lastVersions",
        "\"sql\": {\"version\": 2 | \"sql\": {\"version\": -1 | version",
        "\"sql\": {\"version\": 2 | \"sql\": {\"version\": 99999999999 | version",
        "\"verified\": true | \"verified\": \"yes\" | verified",
        "05Z\"}} | 05X\"}} | 2025",
        "\"router\": {\"version\": 1} | \"router\": {\"version\": 2} | lastRouterVersion",
        "adapters/sql/v0001 | ../../etc/v0001 | not a version's folder",
        "adapters/sql/v0001 | adapters/sql/v00001 | not a version's folder",
        "\"lastVersions\": | \"domains\": | Duplicate",
        "{\"formatVersion\" | [\"formatVersion\" | JSON"
      })
  void refusesADamagedFileAndLeavesItAsItIs(String part, String damage, String problem)
      throws IOException {
    String content = VALID.replace(part, damage);
    assertThat(content).isNotEqualTo(VALID);
    Files.writeString(root.resolve("moa.json"), content);

    assertThatThrownBy(() -> MixtureDirectory.open(root))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("moa.json")
        .hasMessageContaining("is damaged")
        .hasMessageContaining(problem);

    assertThat(root.resolve("moa.json")).hasContent(content);
    assertThat(root).isDirectoryNotContaining(path -> !path.endsWith("moa.json"));
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    for (int length = 0; length < VALID.stripTrailing().length(); length += 7) {
      Files.writeString(root.resolve("moa.json"), VALID.substring(0, length));

      assertThatThrownBy(() -> MixtureDirectory.open(root))
          .isInstanceOf(MixtureException.class)
          .hasMessageContaining("is damaged");
    }
  }

  @Test
  void refusesANewerFormat() throws IOException {
    Files.writeString(root.resolve("moa.json"), "{\"formatVersion\": 2, \"all\": \"new\"}");

    assertThatThrownBy(() -> MixtureDirectory.open(root))
        .isInstanceOf(MixtureException.class)
        .hasMessageContaining("format version 2")
        .hasMessageContaining("newer MoA4J");
  }
}
