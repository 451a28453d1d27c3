package io.github.moa4j.core.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Provenance} as JSON. Numbers that JSON lacks (an infinite perplexity) are texts. */
final class ProvenanceFile {

  private static final int FORMAT_VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private ProvenanceFile() {}

  static Optional<Provenance> read(Path file) {
    try {
      return Optional.of(parse(JSON.readTree(Files.readAllBytes(file))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      throw damaged(file, "not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static void write(Provenance provenance, Path file) {
    try {
      AtomicFile.write(
          file,
          JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(toJson(provenance)),
          MixtureException::new);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "The configuration cannot be written as JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static ObjectNode toJson(Provenance provenance) {
    ObjectNode root = JSON.createObjectNode();
    root.put("formatVersion", FORMAT_VERSION);
    root.put("baseFingerprint", provenance.baseFingerprint());
    provenance.parent().ifPresent(parent -> root.put("parent", parent));
    root.put("seed", provenance.seed());
    ArrayNode data = root.putArray("data");
    for (Provenance.DataFile file : provenance.data()) {
      data.addObject()
          .put("name", file.name())
          .put("sha256", file.sha256())
          .put("examples", file.examples());
    }
    root.set("configuration", JSON.valueToTree(provenance.configuration()));
    ObjectNode metrics = root.putObject("metrics");
    provenance.metrics().forEach(metrics::put);
    ObjectNode libraries = root.putObject("libraries");
    provenance.libraries().forEach(libraries::put);
    return root;
  }

  private static Provenance parse(JsonNode root) {
    if (!root.path("baseFingerprint").isTextual()) {
      throw new IllegalArgumentException("expected a text in the field 'baseFingerprint'");
    }
    List<Provenance.DataFile> data = new ArrayList<>();
    for (JsonNode file : root.path("data")) {
      data.add(
          new Provenance.DataFile(
              file.path("name").asText(),
              file.path("sha256").asText(),
              file.path("examples").asLong()));
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> metric : root.path("metrics").properties()) {
      metrics.put(metric.getKey(), Double.valueOf(metric.getValue().asText()));
    }
    Map<String, String> libraries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> library : root.path("libraries").properties()) {
      libraries.put(library.getKey(), library.getValue().asText());
    }
    Map<String, Object> configuration =
        root.path("configuration").isObject()
            ? JSON.convertValue(root.path("configuration"), new TypeReference<>() {})
            : Map.of();
    return new Provenance(
        root.path("baseFingerprint").textValue(),
        data,
        configuration,
        root.path("seed").asLong(),
        libraries,
        metrics,
        Optional.ofNullable(root.path("parent").textValue()));
  }

  private static MixtureException damaged(Path file, String problem, Exception cause) {
    return new MixtureException(
        file + " is damaged: " + problem + ". Delete it if you do not know its content.", cause);
  }
}
