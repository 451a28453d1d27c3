package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/**
 * A file as the hub describes it.
 *
 * @param name its name in the repository
 * @param address where its bytes are asked for; it may redirect
 * @param hash names the blob: the SHA-256 of its bytes, or for small files git's SHA-1 of them
 * @param size bytes
 */
record RemoteFile(String name, URI address, String hash, long size) {

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  RemoteFile {
    if (!HASH.matcher(hash).matches()) {
      throw new HubException(
          "The hub gives %s the ETag '%s', which is no hash that it can be checked by; expected 40 or 64 hexadecimal digits"
              .formatted(name, Failure.quote(hash)));
    }
    if (size < 0) {
      throw new HubException("The hub does not say how long " + name + " is.");
    }
  }

  /** Returns a digest that must come to {@link #hash} when all bytes have passed. */
  MessageDigest digest() {
    if (hash.length() == 64) {
      return Sha256.newDigest();
    }
    try {
      MessageDigest git = MessageDigest.getInstance("SHA-1");
      git.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return git;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1", e);
    }
  }
}
