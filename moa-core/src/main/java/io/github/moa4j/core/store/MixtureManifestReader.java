package io.github.moa4j.core.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code moa.json} and believes nothing in it: a person may have edited it. */
final class MixtureManifestReader {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> KNOWN =
      Set.of(
          "formatVersion",
          "baseFingerprint",
          "base",
          "domains",
          "router",
          "lastVersions",
          "lastRouterVersion",
          "retired");

  private MixtureManifestReader() {}

  /**
   * Reads the manifest of a mixture.
   *
   * @throws MixtureException if it is missing, damaged or of a newer format
   */
  static MixtureManifest read(Path directory) {
    Path file = directory.resolve(MixtureManifest.FILE);
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new MixtureException(
          directory
              + " is not a mixture: it has no moa.json. Name the folder that a training wrote, or"
              + " create a new mixture there.",
          e);
    } catch (JacksonException e) {
      throw damaged(file, "not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
    }
    try {
      return parse(directory, file, root);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw damaged(file, e.getMessage(), e);
    }
  }

  private static MixtureManifest parse(Path directory, Path file, JsonNode root) {
    if (!root.isObject()) {
      throw new IllegalArgumentException("expected a JSON object");
    }
    int format = integer(root, "formatVersion", 1);
    if (format > MixtureManifest.FORMAT_VERSION) {
      throw new MixtureException(
          file
              + " has format version "
              + format
              + ", this library knows "
              + MixtureManifest.FORMAT_VERSION
              + ". Use a newer MoA4J; the file was left as it is.");
    }
    Map<String, JsonNode> unknown = new LinkedHashMap<>();
    root.properties().forEach(field -> unknown.put(field.getKey(), field.getValue()));
    Map<String, MixtureState.Domain> domains = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object(root, "domains").properties()) {
      domains.put(domainName(field.getKey()), domain(field.getValue()));
    }
    OptionalInt router =
        root.has("router")
            ? OptionalInt.of(integer(object(root, "router"), "version", 1))
            : OptionalInt.empty();
    Map<String, Integer> last = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object(root, "lastVersions").properties()) {
      last.put(
          domainName(field.getKey()), integer(object(root, "lastVersions"), field.getKey(), 1));
    }
    Map<VersionFolder, Instant> retired = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object(root, "retired").properties()) {
      VersionFolder folder =
          VersionFolder.parse(field.getKey())
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'" + field.getKey() + "' is not a version's folder"));
      retired.put(folder, Instant.parse(field.getValue().asText()));
    }
    MixtureState state =
        new MixtureState(
            directory,
            text(root, "baseFingerprint"),
            root.has("base") ? Optional.of(text(root, "base")) : Optional.empty(),
            domains,
            router);
    int lastRouter = integer(root, "lastRouterVersion", 0);
    unknown.keySet().removeAll(KNOWN);
    return checked(new MixtureManifest(state, last, lastRouter, retired, unknown));
  }

  private static MixtureManifest checked(MixtureManifest manifest) {
    manifest
        .state()
        .domains()
        .forEach(
            (name, domain) -> {
              if (domain.version() > manifest.lastVersion(Optional.of(name))) {
                throw new IllegalArgumentException(
                    "domain '" + name + "' has a version above its lastVersions entry");
              }
            });
    if (manifest.state().routerVersion().orElse(0) > manifest.lastRouterVersion()) {
      throw new IllegalArgumentException("the router has a version above lastRouterVersion");
    }
    return manifest;
  }

  private static MixtureState.Domain domain(JsonNode node) {
    if (!node.path("verified").isBoolean()) {
      throw new IllegalArgumentException("expected true or false in the field 'verified'");
    }
    return new MixtureState.Domain(
        integer(node, "version", 1),
        node.path("verified").booleanValue(),
        Instant.parse(text(node, "committed")));
  }

  private static String domainName(String name) {
    if (!DomainNames.isValid(name)) {
      throw new IllegalArgumentException("'" + name + "' cannot be the name of a domain");
    }
    return name;
  }

  private static JsonNode object(JsonNode node, String field) {
    if (!node.path(field).isObject()) {
      throw new IllegalArgumentException("expected an object in the field '" + field + "'");
    }
    return node.path(field);
  }

  private static String text(JsonNode node, String field) {
    if (!node.path(field).isTextual()) {
      throw new IllegalArgumentException("expected a text in the field '" + field + "'");
    }
    return node.path(field).textValue();
  }

  private static int integer(JsonNode node, String field, int minimum) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < minimum) {
      throw new IllegalArgumentException(
          "expected a whole number of " + minimum + " or more in the field '" + field + "'");
    }
    return value.intValue();
  }

  private static MixtureException damaged(Path file, String problem, Exception cause) {
    return new MixtureException(
        file
            + " is damaged: "
            + problem
            + ". Restore it from a copy; the file and the adapters beside it were left as they"
            + " are.",
        cause);
  }
}
