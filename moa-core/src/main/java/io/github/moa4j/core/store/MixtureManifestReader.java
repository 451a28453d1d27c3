package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code moa.json} and believes nothing in it: a person may have edited it. */
final class MixtureManifestReader {

  private static final Set<String> KNOWN =
      Set.of(
          "formatVersion",
          "baseFingerprint",
          "base",
          "domains",
          "router",
          "promptVariables",
          "chatTemplate",
          "lastVersions",
          "lastRouterVersion",
          "retired",
          KeptVersions.FIELD,
          KeptVersions.LIMIT_FIELD);

  private final Path directory;
  private final JsonObject root;

  private MixtureManifestReader(Path directory, JsonObject root) {
    this.directory = directory;
    this.root = root;
  }

  /**
   * Reads the manifest of a mixture.
   *
   * @throws MixtureException if it is missing, damaged or of a newer format
   */
  static MixtureManifest read(Path directory) {
    return parse(directory, bytes(directory));
  }

  /**
   * Reads the bytes of a manifest.
   *
   * @throws MixtureException if there is none
   */
  static byte[] bytes(Path directory) {
    Path file = directory.resolve(MixtureManifest.FILE);
    if (Files.isSymbolicLink(file)) {
      throw new MixtureException(
          file
              + " is a symbolic link, which a mixture never follows. Open the mixture that it"
              + " belongs to, or put a copy of the file in its place.");
    }
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new MixtureException(
          directory
              + " is not a mixture: it has no moa.json. Name the folder that a training wrote, or"
              + " create a new mixture there.");
    }
    return TextFile.bytes(file, JsonObject.MAX_BYTES, MixtureException::new);
  }

  /**
   * Reads the content of a manifest.
   *
   * @throws MixtureException if it is damaged or of a newer format
   */
  static MixtureManifest parse(Path directory, byte[] content) {
    JsonObject root =
        JsonObject.parse(
            content,
            Path.of(MixtureManifest.FILE),
            (problem, cause) -> damaged(directory, problem, cause));
    int format = root.integer("formatVersion", 1);
    if (format > MixtureManifest.FORMAT_VERSION) {
      throw new MixtureException(
          directory.resolve(MixtureManifest.FILE)
              + " has format version "
              + format
              + ", this library knows "
              + MixtureManifest.FORMAT_VERSION
              + ". Use a newer MoA4J; the file was left as it is.");
    }
    return new MixtureManifestReader(directory, root).manifest();
  }

  private MixtureManifest manifest() {
    MixtureState state =
        new MixtureState(
            directory,
            root.text("baseFingerprint"),
            optionalText("base"),
            domains(),
            root.has("router")
                ? OptionalInt.of(root.object("router").positiveInt("version"))
                : OptionalInt.empty(),
            new PromptSettings(
                root.objectOrEmpty("promptVariables").values(), optionalText("chatTemplate")));
    // An earlier release removes a domain and leaves what was kept of it.
    KeptVersions kept =
        KeptVersions.read(root)
            .only(folder -> state.domains().containsKey(folder.domain().orElseThrow()));
    return checked(
        new MixtureManifest(
            state,
            lastVersions(),
            root.integer("lastRouterVersion", 0),
            retired(),
            kept,
            unknown()));
  }

  private Map<String, Object> unknown() {
    Map<String, Object> unknown = new LinkedHashMap<>();
    for (String key : root.keys()) {
      if (!KNOWN.contains(key)) {
        unknown.put(key, root.any(key));
      }
    }
    return Json.copy(unknown); // NaN as a text
  }

  private Optional<String> optionalText(String key) {
    return root.has(key) ? Optional.of(root.text(key)) : Optional.empty();
  }

  private Map<String, MixtureState.Domain> domains() {
    JsonObject object = root.object("domains");
    Map<String, MixtureState.Domain> domains = new LinkedHashMap<>();
    for (String name : object.keys()) {
      JsonObject domain = object.object(domainName(object, name));
      domains.put(
          name,
          new MixtureState.Domain(
              domain.positiveInt("version"),
              domain.bool("verified"),
              KeptVersions.instant(domain, "committed")));
    }
    return domains;
  }

  private Map<String, Integer> lastVersions() {
    JsonObject object = root.object("lastVersions");
    Map<String, Integer> last = new LinkedHashMap<>();
    object.keys().forEach(name -> last.put(name, object.positiveInt(domainName(object, name))));
    return last;
  }

  private Map<VersionFolder, Instant> retired() {
    JsonObject object = root.object("retired");
    Map<VersionFolder, Instant> retired = new LinkedHashMap<>();
    for (String path : object.keys()) {
      VersionFolder folder =
          VersionFolder.parse(path)
              .orElseThrow(() -> object.wrongKey(path, "it is not a version's folder"));
      retired.put(folder, KeptVersions.instant(object, path));
    }
    return retired;
  }

  private static String domainName(JsonObject object, String name) {
    if (!DomainNames.isValid(name)) {
      throw object.wrongKey(name, "it cannot be the name of a domain");
    }
    return name;
  }

  private MixtureManifest checked(MixtureManifest manifest) {
    manifest
        .state()
        .domains()
        .forEach(
            (name, domain) -> {
              if (domain.version() > manifest.lastVersion(Optional.of(name))) {
                throw damaged(
                    directory, "domain '" + name + "' has a version above its lastVersions entry.");
              }
            });
    if (manifest.state().routerVersion().orElse(0) > manifest.lastRouterVersion()) {
      throw damaged(directory, "the router has a version above lastRouterVersion.");
    }
    for (VersionFolder folder : manifest.kept().versions().keySet()) {
      if (manifest.isActive(folder)) {
        throw damaged(directory, folder + " is both active and kept.");
      }
      if (folder.version() > manifest.lastVersion(folder.domain())) {
        throw damaged(directory, folder + " is kept, and above its lastVersions entry.");
      }
    }
    for (VersionFolder folder : manifest.retired().keySet()) {
      if (manifest.names(folder)) {
        throw damaged(directory, folder + " is both in use and retired.");
      }
    }
    return manifest;
  }

  private static MixtureException damaged(Path directory, String problem, Throwable cause) {
    return new MixtureException(
        directory.resolve(MixtureManifest.FILE)
            + " is damaged: "
            + problem
            + " Restore it from a copy; the file and the adapters beside it were left as they are.",
        cause);
  }

  private static MixtureException damaged(Path directory, String problem) {
    return damaged(directory, problem, null);
  }
}
