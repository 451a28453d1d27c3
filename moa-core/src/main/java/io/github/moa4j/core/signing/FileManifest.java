package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The files of a folder with their hashes: the statement that is signed, as OpenSSF Model Signing
 * v1.0 has it.
 *
 * @param name of the folder, for people
 * @param files SHA-256 of each file by its path from the folder, with slashes
 * @param ignored paths that may be there without being signed
 */
record FileManifest(String name, SortedMap<String, String> files, List<String> ignored) {

  private static final String STATEMENT = "https://in-toto.io/Statement/v1";
  private static final String PREDICATE = "https://model_signing/signature/v1.0";
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** Hashes the files that a folder holds now. */
  static FileManifest of(Path folder, String name, List<String> ignored) {
    SortedMap<String, String> files = new TreeMap<>();
    for (String file : list(folder, ignored)) {
      files.put(file, Sha256.of(folder.resolve(file), SigningException::new));
    }
    if (files.isEmpty()) {
      throw new SigningException("There is nothing to sign in " + folder + ".");
    }
    return new FileManifest(name, files, ignored);
  }

  /**
   * Lists the files of a folder by their paths from it.
   *
   * @throws SigningException if there is a link or something else than a file: nobody knows what it
   *     will lead to tomorrow
   */
  static List<String> list(Path folder, List<String> ignored) {
    List<String> found = new ArrayList<>();
    try {
      list(folder, "", ignored, found);
    } catch (IOException e) {
      throw new SigningException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
    return found;
  }

  private static void list(Path folder, String prefix, List<String> ignored, List<String> found)
      throws IOException {
    for (Path entry : DurableFiles.list(folder)) {
      String name = prefix + entry.getFileName();
      if (ignored.contains(name)) {
        continue;
      }
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        list(entry, name + "/", ignored, found);
      } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
        found.add(name);
      } else {
        throw new SigningException(
            entry + " is a link or no file; a signed folder holds files only.");
      }
    }
  }

  byte[] payload() {
    List<Map<String, String>> resources = new ArrayList<>();
    files.forEach(
        (file, digest) -> {
          Map<String, String> resource = new LinkedHashMap<>();
          resource.put("name", file);
          resource.put("algorithm", "sha256");
          resource.put("digest", digest);
          resources.add(resource);
        });
    Map<String, Object> serialization = new LinkedHashMap<>();
    serialization.put("method", "files");
    serialization.put("hash_type", "sha256");
    serialization.put("allow_symlinks", false);
    serialization.put("ignore_paths", ignored);
    Map<String, Object> subject = new LinkedHashMap<>();
    subject.put("name", name);
    subject.put("digest", Map.of("sha256", root(files.values())));
    Map<String, Object> predicate = new LinkedHashMap<>();
    predicate.put("serialization", serialization);
    predicate.put("resources", resources);
    Map<String, Object> statement = new LinkedHashMap<>();
    statement.put("_type", STATEMENT);
    statement.put("subject", List.of(subject));
    statement.put("predicateType", PREDICATE);
    statement.put("predicate", predicate);
    return Json.compact(statement).getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what somebody signed. Fields that this version does not know are passed over. */
  static FileManifest parse(byte[] payload, Path file) {
    JsonObject statement = JsonObject.parse(payload, file, SigningException::new);
    expect(statement, "_type", STATEMENT);
    expect(statement, "predicateType", PREDICATE);
    List<JsonObject> subjects = statement.objects("subject");
    if (subjects.size() != 1) {
      throw statement.wrong("subject", "a list of one");
    }
    JsonObject predicate = statement.object("predicate");
    JsonObject serialization = predicate.object("serialization");
    expect(serialization, "method", "files");
    expect(serialization, "hash_type", "sha256");
    SortedMap<String, String> files = new TreeMap<>();
    List<String> digests = new ArrayList<>();
    for (JsonObject resource : predicate.objects("resources")) {
      expect(resource, "algorithm", "sha256");
      String digest = resource.text("digest");
      if (!DIGEST.matcher(digest).matches()) {
        throw resource.wrong("digest", "64 hexadecimal digits");
      }
      String name = resource.text("name");
      if (!isInside(name) || files.put(name, digest) != null) {
        throw resource.wrong("name", "the path of a file in the folder, named once");
      }
      digests.add(digest);
    }
    JsonObject subject = subjects.get(0);
    JsonObject whole = subject.object("digest");
    if (!whole.text("sha256").equals(root(digests))) {
      throw whole.wrong("sha256", "the hash over all digests, " + root(digests));
    }
    return new FileManifest(subject.text("name"), files, serialization.texts("ignore_paths"));
  }

  private static void expect(JsonObject object, String key, String value) {
    if (!object.text(key).equals(value)) {
      throw object.wrong(key, "'" + value + "', the only one that is known here");
    }
  }

  private static boolean isInside(String name) {
    return !name.contains("\\")
        && name.chars().noneMatch(Character::isISOControl)
        && Arrays.stream(name.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))
        && name.indexOf(':') < 0; // a drive of Windows
  }

  private static String root(Iterable<String> digests) {
    MessageDigest root = Sha256.newDigest();
    digests.forEach(digest -> root.update(HexFormat.of().parseHex(digest)));
    return HexFormat.of().formatHex(root.digest());
  }
}
