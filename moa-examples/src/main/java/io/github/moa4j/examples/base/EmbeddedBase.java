package io.github.moa4j.examples.base;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The small base model that comes with the examples, so that they run without a download. */
public final class EmbeddedBase {

  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "model.safetensors");

  private EmbeddedBase() {}

  /** Writes the model's files into a folder, unless they are there, and returns the folder. */
  public static Path extractTo(Path directory) {
    try {
      Files.createDirectories(directory);
      for (String name : FILES) {
        Path target = directory.resolve(name);
        if (Files.notExists(target)) {
          AtomicFile.write(target, channel -> copy(name, channel), MoaException::new);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new MoaException(
          "Cannot write the embedded base to " + directory + ": " + Failure.reason(e) + ".", e);
    }
  }

  private static void copy(String resource, WritableByteChannel channel) throws IOException {
    try (InputStream in = EmbeddedBase.class.getResourceAsStream(resource)) {
      in.transferTo(Channels.newOutputStream(channel));
    }
  }
}
