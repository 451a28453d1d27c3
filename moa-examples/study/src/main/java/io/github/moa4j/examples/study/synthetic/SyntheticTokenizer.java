package io.github.moa4j.examples.study.synthetic;

import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.examples.base.EmbeddedBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The embedded base's tokenizer, with words added until its vocabulary is that of a shape, so that
 * a synthetic checkpoint answers text.
 */
public final class SyntheticTokenizer {

  private static final String TOKENIZER = "tokenizer.json";
  private static final List<String> OTHERS =
      List.of("tokenizer_config.json", "generation_config.json");

  private SyntheticTokenizer() {}

  /** Writes the tokenizer's files into a checkpoint's folder, if they are not there. */
  public static void write(Path checkpoint, Shape shape) {
    if (Files.exists(checkpoint.resolve(TOKENIZER))) {
      return;
    }
    try {
      Path embedded = Files.createTempDirectory("moa4j-benchmark");
      try {
        EmbeddedBase.extractTo(embedded);
        for (String name : OTHERS) {
          write(checkpoint.resolve(name), Files.readAllBytes(embedded.resolve(name)));
        }
        ObjectMapper json = new ObjectMapper();
        ObjectNode tokenizer = (ObjectNode) json.readTree(embedded.resolve(TOKENIZER).toFile());
        ObjectNode vocabulary = (ObjectNode) tokenizer.get("model").get("vocab");
        for (int id = vocabulary.size(); id < shape.vocabSize(); id++) {
          vocabulary.put("word" + id + ";", id);
        }
        write(checkpoint.resolve(TOKENIZER), json.writeValueAsBytes(tokenizer));
      } finally {
        Utils.deleteQuietly(embedded);
      }
    } catch (IOException e) {
      throw new MoaException(
          "Cannot write a tokenizer into " + checkpoint + ": " + Failure.reason(e) + ".", e);
    }
  }

  private static void write(Path file, byte[] content) {
    AtomicFile.write(file, content, MoaException::new);
  }
}
