package io.github.moa4j.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {

  @TempDir Path folder;

  @Test
  void readsWhatItWrote() throws IOException {
    Path data = Files.writeString(folder.resolve("train.jsonl"), "abc");
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("rank", 8);
    configuration.put("learningRate", 1e-4);
    configuration.put("targets", List.of("q_proj", "v_proj"));
    configuration.put("nested", Map.of("packed", true));
    configuration.put("limit", null);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", 0.1 + 0.2);
    metrics.put("perplexity", Double.POSITIVE_INFINITY);
    metrics.put("broken", Double.NaN);
    Provenance provenance =
        new Provenance(
            "fingerprint",
            List.of(Provenance.DataFile.of(data, 7)),
            configuration,
            Long.MIN_VALUE,
            Map.of("moa4j", "0.1.0"),
            metrics,
            Optional.of("sql/v0001"));

    provenance.write(folder);

    assertThat(Provenance.read(folder)).contains(provenance);
    assertThat(provenance.data().get(0).sha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(folder.resolve(".provenance.json.tmp")).doesNotExist();
  }

  @Test
  void ignoresFieldsItDoesNotKnow() throws IOException {
    Files.writeString(
        folder.resolve("provenance.json"),
        "{\"baseFingerprint\": \"f\", \"author\": {\"name\": \"x\"}}");

    assertThat(Provenance.read(folder))
        .get()
        .extracting(Provenance::baseFingerprint)
        .isEqualTo("f");
  }

  @Test
  void isAbsentWhereThereIsNoFile() {
    assertThat(Provenance.read(folder)).isEmpty();
  }

  @Test
  void refusesADamagedFile() throws IOException {
    for (String content :
        Arrays.asList(
            "",
            "{",
            "[]",
            "{}",
            "{\"baseFingerprint\": 1}",
            "{\"baseFingerprint\": \"f\", \"metrics\": {\"loss\": \"small\"}}",
            "{\"baseFingerprint\": \"f\", \"data\": [{\"name\": \"x\"}]}")) {
      Files.writeString(folder.resolve("provenance.json"), content);

      assertThatThrownBy(() -> Provenance.read(folder))
          .as(content)
          .isInstanceOf(MixtureException.class)
          .hasMessageContaining("provenance.json is damaged");
    }
  }

  @Test
  void refusesConfigurationThatIsNoJson() {
    Provenance provenance =
        new Provenance(
            "f",
            List.of(),
            Map.of("object", new Object()),
            0,
            Map.of(),
            Map.of(),
            Optional.empty());

    assertThatThrownBy(() -> provenance.write(folder)).isInstanceOf(IllegalArgumentException.class);
    assertThat(folder).isEmptyDirectory();
  }
}
