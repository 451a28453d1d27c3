package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.router.access.Caller;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of those who may ask a server. A file holds
 *
 * <pre>{@code
 * {"keys": [{"name": "reports", "sha256": "HEX OF THE KEY'S HASH", "domains": ["sql"]},
 *           {"name": "night jobs", "key": "A KEY", "group": "jobs", "apart": true},
 *           {"name": "operations", "key": "THE KEY ITSELF", "admin": true}]}
 * }</pre>
 *
 * where a key without {@code domains} sees them all, and one that is {@code admin} sees them all,
 * and may read the metrics and, where the server allows it, load and unload adapters. {@code group}
 * and {@code apart} are those of a {@link Caller}. Only hashes are kept, so how long a look-up
 * takes says nothing of a key. Immutable.
 */
public final class ApiKeys {

  private static final int SHORTEST = 16; // characters; a shorter key can be guessed

  private final Map<String, Client> clients; // by the SHA-256 of the key, in hexadecimal

  private ApiKeys(Map<String, Client> clients) {
    this.clients = clients;
  }

  /**
   * Reads a file of keys.
   *
   * @throws MoaException if it is missing, or says something else than which keys see what
   */
  public static ApiKeys read(Path file) {
    JsonObject all = JsonObject.read(file, MoaException::new);
    Map<String, Client> clients = new LinkedHashMap<>();
    for (JsonObject entry : all.objects("keys")) {
      for (String key : entry.keys()) {
        if (!Set.of("name", "key", "sha256", "domains", "group", "apart", "admin").contains(key)) {
          throw entry.wrongKey(
              key, "expected name, key or sha256, domains, group, apart and admin");
        }
      }
      String name = entry.text("name");
      String hash = entry.has("sha256") ? storedHash(entry) : hash(longEnough(entry));
      if (clients.put(hash, client(name, entry)) != null) {
        throw new MoaException(file + ": the key of '" + Failure.quote(name) + "' is there twice.");
      }
    }
    if (clients.isEmpty()) {
      throw new MoaException(
          file + " holds no keys: expected {\"keys\": [{\"name\": ..., \"key\": ...}]}.");
    }
    return new ApiKeys(clients);
  }

  private static Client client(String name, JsonObject entry) {
    boolean admin = entry.bool("admin", false);
    if (admin && entry.has("domains")) {
      throw entry.wrongKey(
          "domains", "a key that is admin reads metrics of all domains; leave one of the two out");
    }
    Caller caller =
        new Caller(
            name,
            entry.has("domains")
                ? Optional.of(Set.copyOf(entry.texts("domains")))
                : Optional.empty(),
            entry.has("group") ? Optional.of(entry.text("group")) : Optional.empty(),
            entry.bool("apart", false));
    return new Client(Optional.of(caller), admin);
  }

  private static String storedHash(JsonObject entry) {
    String hash = entry.text("sha256").toLowerCase(Locale.ROOT);
    if (!hash.matches("[0-9a-f]{64}")) {
      throw entry.wrong("sha256", "64 hexadecimal digits");
    }
    return hash;
  }

  private static String longEnough(JsonObject entry) {
    String key = entry.text("key");
    if (key.length() < SHORTEST) {
      throw new MoaException(
          entry.file()
              + ": the key of '"
              + Failure.quote(entry.text("name"))
              + "' has fewer than "
              + SHORTEST
              + " characters and could be guessed.");
    }
    return key;
  }

  /**
   * Returns who has sent a header.
   *
   * @param authorization the header of that name, null if there is none
   * @throws ApiError if it brings no key that is known
   */
  Client client(String authorization) {
    String[] parts = authorization == null ? new String[0] : authorization.strip().split(" +", 2);
    if (parts.length != 2 || !parts[0].equalsIgnoreCase("Bearer")) {
      throw ApiError.noKey();
    }
    // A header's bytes come as characters of their numbers: most clients mean UTF-8, some Latin-1.
    Client utf8 = clients.get(hash(parts[1].getBytes(StandardCharsets.ISO_8859_1)));
    Client client = utf8 == null ? clients.get(hash(parts[1])) : utf8;
    if (client == null) {
      throw ApiError.noKey();
    }
    return client;
  }

  private static String hash(String key) {
    return hash(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(byte[] key) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(key));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
