package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.TextFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Model directories, without weights, among the test resources. */
final class TestTokenizers {

  private TestTokenizers() {}

  /** Byte-level BPE of 4,096 tokens: a token may be any part of a character. */
  static Path base() {
    return resource("base-tokenizer");
  }

  /**
   * As SentencePiece models are converted: words begin with U+2581, the first space is dropped in
   * decoding, characters outside of the vocabulary are bytes such as {@code <0xE2>}. Its file asks
   * for truncation to 4 tokens, padding to 8 and a leading {@code <s>}.
   */
  static Path byteFallback() {
    return resource("byte-fallback-tokenizer");
  }

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(TestTokenizers.class.getResource("/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static String text(Path file) {
    return TextFile.read(file, 1 << 24, MoaException::new);
  }

  /** Copies the files of a directory into another one. */
  static Path copy(Path from, Path to) throws IOException {
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
    return to;
  }
}
