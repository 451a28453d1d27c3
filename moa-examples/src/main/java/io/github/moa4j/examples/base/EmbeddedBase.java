package io.github.moa4j.examples.base;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The small base model that comes with the examples, so that they run without a download. */
public final class EmbeddedBase {

  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "model.safetensors");

  private static final String COPYING = "copying/";
  private static final List<String> COPYING_FILES =
      List.of("adapter_config.json", "adapter_model.safetensors");

  /** Where it goes if a program has no folder of its own for it. */
  private static final Path DEFAULT = Path.of("moa-quickstart", "base");

  private EmbeddedBase() {}

  /** Writes the model's files where the quickstart has them, and returns that folder. */
  public static Path extract() {
    return extractTo(DEFAULT);
  }

  /** Writes the model's files into a folder, unless they are there, and returns the folder. */
  public static Path extractTo(Path directory) {
    return extract("", FILES, directory);
  }

  /**
   * Returns the adapter that comes with the base: one that has learnt to copy what is said, which
   * so small a model learns late, and nothing else. Others start from it where they have its rank
   * and targets. {@code study.CopyingAdapter} trains one like it.
   *
   * @param directory where its files go, unless they are there
   * @param options those of the adapter that shall start from it
   * @return nothing if it does not fit these
   */
  public static Optional<LoraAdapter> copying(Path directory, LoraConfig options) {
    LoraAdapter copying = PeftFormat.read(extract(COPYING, COPYING_FILES, directory));
    boolean fits =
        copying.config().rank() == options.rank()
            && copying.config().targetModules().equals(options.targetModules())
            && options.aloraInvocationTokens().isEmpty();
    return fits ? Optional.of(copying) : Optional.empty();
  }

  private static Path extract(String folder, List<String> names, Path directory) {
    try {
      Files.createDirectories(directory);
      for (String name : names) {
        Path target = directory.resolve(name);
        if (Files.notExists(target)) {
          AtomicFile.write(target, channel -> copy(folder + name, channel), MoaException::new);
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
