package io.github.moa4j.core.encryption;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.PrivateFiles;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys in memory. They never appear in a text, a log or an error.
 *
 * @param current the id of one of them
 */
record KeyRing(String current, Map<String, SecretKey> keys) implements EncryptionKeys {

  static final int BYTES = 32;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  static KeyRing of(String id, SecretKey key) {
    return new KeyRing(checkedId(id), Map.of(id, key));
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  static String checkedId(String id) {
    if (!isId(id)) {
      throw new EncryptionException(
          "'"
              + Failure.quote(id)
              + "' cannot be the id of a key: expected 1 to 64 characters out of a-z, A-Z, 0-9,"
              + " '.', '_' and '-'.");
    }
    return id;
  }

  static KeyRing generate(String id, Path file) {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("current", checkedId(id));
    json.put("keys", Map.of(id, Base64.getEncoder().encodeToString(key)));
    PrivateFiles.write(file, Json.pretty(json), EncryptionException::new);
    return of(id, secret(key));
  }

  static KeyRing read(Path file) {
    JsonObject json = JsonObject.read(file, EncryptionException::new);
    JsonObject stored = json.object("keys");
    Map<String, SecretKey> keys = new LinkedHashMap<>();
    for (String id : stored.keys()) {
      keys.put(checkedId(id), secret(bytes(stored, id)));
    }
    String current = json.text("current");
    if (!keys.containsKey(current)) {
      throw json.wrong("current", "the id of one of the keys");
    }
    return new KeyRing(current, Map.copyOf(keys));
  }

  private static byte[] bytes(JsonObject stored, String id) {
    try {
      byte[] key = Base64.getDecoder().decode(stored.text(id));
      if (key.length == BYTES) {
        return key;
      }
    } catch (IllegalArgumentException e) {
      // it is no base64, which the message does not quote
    }
    throw new EncryptionException(
        stored.file() + ": the key '" + id + "' is not the base64 of " + BYTES + " bytes.");
  }

  private static SecretKey secret(byte[] key) {
    return new SecretKeySpec(key, "HmacSHA256");
  }

  @Override
  public Optional<SecretKey> key(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  @Override
  public String toString() {
    return "keys " + keys.keySet() + ", current " + current;
  }
}
