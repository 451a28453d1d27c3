package io.github.moa4j.core.store;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Provenance} as JSON. Numbers that JSON lacks (an infinite perplexity) are texts. */
final class ProvenanceFile {

  private static final int FORMAT_VERSION = 1;

  private ProvenanceFile() {}

  static Optional<Provenance> read(Path file) {
    return Files.exists(file)
        ? Optional.of(
            parse(TextFile.bytes(file, JsonObject.MAX_BYTES, MixtureException::new), file))
        : Optional.empty();
  }

  static void write(Provenance provenance, Path file) {
    byte[] content = Json.pretty(toJson(provenance));
    parse(content, file); // what cannot be read again is not written
    AtomicFile.write(file, content, MixtureException::new);
  }

  private static Map<String, Object> toJson(Provenance provenance) {
    List<Map<String, Object>> data = new ArrayList<>();
    for (Provenance.DataFile file : provenance.data()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", file.name());
      entry.put("sha256", file.sha256());
      entry.put("examples", file.examples());
      data.add(entry);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("formatVersion", FORMAT_VERSION);
    root.put("baseFingerprint", provenance.baseFingerprint());
    provenance.parent().ifPresent(parent -> root.put("parent", parent));
    root.put("seed", provenance.seed());
    root.put("data", data);
    root.put("configuration", provenance.configuration());
    root.put("metrics", provenance.metrics());
    root.put("libraries", provenance.libraries());
    return root;
  }

  private static Provenance parse(byte[] content, Path file) {
    JsonObject root =
        JsonObject.parse(
            content, Path.of(Provenance.FILE), (problem, cause) -> damaged(file, problem, cause));
    int format = root.has("formatVersion") ? root.positiveInt("formatVersion") : FORMAT_VERSION;
    if (format > FORMAT_VERSION) {
      throw new MixtureException(
          file
              + " has format version "
              + format
              + ", this library knows "
              + FORMAT_VERSION
              + ". Use a newer MoA4J.");
    }
    JsonObject libraries = root.objectOrEmpty("libraries");
    Map<String, String> versions = new LinkedHashMap<>();
    libraries.keys().forEach(name -> versions.put(name, libraries.text(name)));
    JsonObject metrics = root.objectOrEmpty("metrics");
    Map<String, Double> measures = new LinkedHashMap<>();
    metrics.keys().forEach(name -> measures.put(name, measure(metrics, name)));
    List<Provenance.DataFile> data = new ArrayList<>();
    root.objects("data").forEach(entry -> data.add(dataFile(entry)));
    String baseFingerprint = root.text("baseFingerprint");
    if (baseFingerprint.isBlank()) {
      throw root.wrong("baseFingerprint", "a fingerprint");
    }
    return new Provenance(
        baseFingerprint,
        data,
        root.objectOrEmpty("configuration").values(),
        root.has("seed") ? root.longInteger("seed", Long.MIN_VALUE) : 0,
        versions,
        measures,
        root.has("parent") ? Optional.of(root.text("parent")) : Optional.empty());
  }

  private static Provenance.DataFile dataFile(JsonObject entry) {
    String sha256 = entry.text("sha256");
    if (!Provenance.DataFile.isSha256(sha256)) {
      throw entry.wrong("sha256", "64 hexadecimal digits");
    }
    return new Provenance.DataFile(entry.text("name"), sha256, entry.longInteger("examples", 0));
  }

  private static double measure(JsonObject metrics, String name) {
    Object value = metrics.any(name);
    if ("NaN".equals(value) || "Infinity".equals(value) || "-Infinity".equals(value)) {
      return Double.parseDouble((String) value);
    }
    return metrics.number(name);
  }

  private static MixtureException damaged(Path file, String problem, Throwable cause) {
    return new MixtureException(
        file + " is damaged: " + problem + " Delete it if you do not know its content.", cause);
  }
}
