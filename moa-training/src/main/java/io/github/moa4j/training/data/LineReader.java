package io.github.moa4j.training.data;

import io.github.moa4j.core.files.Sha256;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Reads the lines of a UTF-8 file and hashes its bytes in the same pass. The JDK's readers do not
 * say in which line a byte was wrong.
 */
final class LineReader implements AutoCloseable {

  /** No example of a text model is longer; a file of another kind may be one line of gigabytes. */
  private static final int MAX_LINE_BYTES = 1 << 26;

  private final Path file;
  private final InputStream input;
  private final MessageDigest digest = Sha256.newDigest();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long bytes;
  private int number;
  private boolean ended;

  LineReader(Path file) throws IOException {
    this.file = file;
    this.input = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /**
   * Returns the next line without its line end, or nothing at the end of the file; blank lines are
   * accepted there only.
   */
  Optional<String> next() throws IOException {
    Optional<String> text = nextLine();
    if (text.isEmpty() || !text.get().isBlank()) {
      return text;
    }
    int blank = number;
    while (text.isPresent() && text.get().isBlank()) {
      text = nextLine();
    }
    if (text.isPresent()) {
      throw new DatasetException(
          "%s, line %d: is blank; expected a JSON object (only the end of a file may have blank lines)"
              .formatted(file, blank));
    }
    return text;
  }

  /** Returns the number, from 1, of the line that was read last. */
  int number() {
    return number;
  }

  /** Returns the number of bytes read so far. */
  long bytes() {
    return bytes;
  }

  /** Returns the hash of all bytes; to be called once, at the end of the file. */
  byte[] sha256() {
    return digest.digest();
  }

  private Optional<String> nextLine() throws IOException {
    if (ended) {
      return Optional.empty();
    }
    line.reset();
    int next = read();
    while (next >= 0 && next != '\n') {
      if (line.size() == MAX_LINE_BYTES) {
        throw new DatasetException(
            "%s, line %d: is longer than %d bytes; expected one JSON object a line"
                .formatted(file, number + 1, MAX_LINE_BYTES));
      }
      line.write(next);
      next = read();
    }
    ended = next < 0;
    number++;
    return Optional.of(decode());
  }

  private int read() throws IOException {
    int next = input.read();
    if (next >= 0) {
      bytes++;
      digest.update((byte) next);
    }
    return next;
  }

  private String decode() {
    byte[] raw = line.toByteArray();
    int start = number == 1 && startsWith(raw, 0xEF, 0xBB, 0xBF) ? 3 : 0;
    int end = raw.length > start && raw[raw.length - 1] == '\r' ? raw.length - 1 : raw.length;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(raw, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      boolean utf16 = number == 1 && (startsWith(raw, 0xFF, 0xFE) || startsWith(raw, 0xFE, 0xFF));
      throw new DatasetException(
          "%s, line %d: is not UTF-8%s; save the file as UTF-8"
              .formatted(file, number, utf16 ? " but looks like UTF-16" : ""),
          e);
    }
  }

  private static boolean startsWith(byte[] raw, int... prefix) {
    if (raw.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((raw[i] & 0xFF) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
