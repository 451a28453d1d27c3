package io.github.moa4j.examples.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
          Path partial = directory.resolve(name + ".partial");
          try (InputStream in = EmbeddedBase.class.getResourceAsStream(name)) {
            Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
          }
          Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the embedded base to " + directory, e);
    }
  }
}
