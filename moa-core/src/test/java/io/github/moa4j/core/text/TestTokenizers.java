package io.github.moa4j.core.text;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Tokenizer directories among the test resources. */
final class TestTokenizers {

  private TestTokenizers() {}

  /** Byte-level BPE of 4,096 tokens. */
  static Path base() {
    return resource("/base-tokenizer");
  }

  static Path resource(String name) {
    URL url = TestTokenizers.class.getResource(name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
