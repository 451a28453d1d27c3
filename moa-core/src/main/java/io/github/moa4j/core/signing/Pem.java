package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param label what it is, such as {@code PUBLIC KEY}
 * @param content its bytes, in DER
 */
record Pem(String label, byte[] content) {

  static final String PRIVATE = "PRIVATE KEY";
  static final String PUBLIC = "PUBLIC KEY";

  private static final int MAX_BYTES = 1 << 20;
  private static final int LINE = 64;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*+)-----END \\1-----");

  /** Reads the blocks of a file; text around them, as programs print it, is passed over. */
  static List<Pem> read(Path file) {
    String text = TextFile.read(file, MAX_BYTES, SigningException::new);
    List<Pem> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      try {
        byte[] content = Base64.getDecoder().decode(matcher.group(2).replaceAll("\\s", ""));
        blocks.add(new Pem(matcher.group(1), content));
      } catch (IllegalArgumentException e) {
        throw new SigningException(
            file + ": the block " + matcher.group(1) + " is not base64. Copy the file again.", e);
      }
    }
    if (blocks.isEmpty()) {
      throw new SigningException(
          file + " holds no key in PEM form (-----BEGIN PUBLIC KEY----- and so on).");
    }
    return blocks;
  }

  /** Returns the block as OpenSSL and Python write it. */
  byte[] encoded() {
    String body =
        Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(content);
    return ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
