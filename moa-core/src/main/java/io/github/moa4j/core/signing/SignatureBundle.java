package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Sigstore bundle (media type v0.3) around a DSSE envelope whose payload is an in-toto statement.
 *
 * @param payload the signed bytes
 * @param signatures over them; one is enough
 */
record SignatureBundle(byte[] payload, List<byte[]> signatures) {

  private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

  static SignatureBundle of(byte[] payload, SigningKey key) {
    return new SignatureBundle(payload, List.of(key.sign(encoding(payload))));
  }

  /** Returns the key among those trusted that signed this. */
  VerificationKey signer(Collection<VerificationKey> trusted, Path file) {
    byte[] message = encoding(payload);
    return trusted.stream()
        .filter(key -> signatures.stream().anyMatch(signed -> key.verifies(message, signed)))
        .findFirst()
        .orElseThrow(
            () ->
                new SigningException(
                    file
                        + " is signed by none of the "
                        + trusted.size()
                        + " trusted keys, or was changed. Trust the signer's public key, or get"
                        + " the files again from who signed them."));
  }

  /** DSSE's pre-authentication encoding: what is signed names the type and cannot be another's. */
  private static byte[] encoding(byte[] payload) {
    String head = "DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length;
    byte[] start = (head + " ").getBytes(StandardCharsets.UTF_8);
    byte[] message = new byte[start.length + payload.length];
    System.arraycopy(start, 0, message, 0, start.length);
    System.arraycopy(payload, 0, message, start.length, payload.length);
    return message;
  }

  static SignatureBundle read(Path file) {
    JsonObject bundle = JsonObject.read(file, SigningException::new);
    if (!bundle.text("mediaType").equals(MEDIA_TYPE)) {
      throw bundle.wrong("mediaType", MEDIA_TYPE);
    }
    JsonObject envelope = bundle.object("dsseEnvelope");
    if (!envelope.text("payloadType").equals(PAYLOAD_TYPE)) {
      throw envelope.wrong("payloadType", PAYLOAD_TYPE);
    }
    List<byte[]> signatures = new ArrayList<>();
    for (JsonObject signature : envelope.objects("signatures")) {
      signatures.add(base64(signature, "sig"));
    }
    return new SignatureBundle(base64(envelope, "payload"), signatures);
  }

  private static byte[] base64(JsonObject object, String key) {
    try {
      return Base64.getDecoder().decode(object.text(key));
    } catch (IllegalArgumentException e) {
      throw new SigningException(object.file() + ": " + key + " is not base64.", e);
    }
  }

  /** Writes the bundle; an old one is replaced whole. */
  void write(Path file, VerificationKey key) {
    Base64.Encoder base64 = Base64.getEncoder();
    List<Map<String, Object>> signed = new ArrayList<>();
    for (byte[] signature : signatures) {
      signed.add(ordered("sig", base64.encodeToString(signature), "keyid", ""));
    }
    Map<String, Object> envelope =
        ordered("payload", base64.encodeToString(payload), "payloadType", PAYLOAD_TYPE);
    envelope.put("signatures", signed);
    Map<String, Object> bundle = new LinkedHashMap<>();
    bundle.put("mediaType", MEDIA_TYPE);
    bundle.put(
        "verificationMaterial",
        ordered("publicKey", Map.of("hint", key.id()), "tlogEntries", List.of()));
    bundle.put("dsseEnvelope", envelope);
    AtomicFile.write(
        file, Json.compact(bundle).getBytes(StandardCharsets.UTF_8), SigningException::new);
  }

  private static Map<String, Object> ordered(
      String first, Object firstValue, String second, Object secondValue) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, firstValue);
    map.put(second, secondValue);
    return map;
  }
}
