package io.github.moa4j.examples.base;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.training.lora.TrainingOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private static final String START = "start/";
  private static final List<String> START_FILES =
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
    List<String> missing =
        FILES.stream().filter(name -> Files.notExists(directory.resolve(name))).toList();
    write("", missing, directory);
    return directory;
  }

  /**
   * Returns the adapter that comes with the base: one that has learnt to copy what is said and to
   * answer in forms, which so small a model learns late. Others start from it where they have its
   * targets and scaling and at least its rank; ranks beyond are there and change nothing yet.
   * {@code study.StartAdapter} trains one like it.
   *
   * @param directory where its files go, in place of those of another version
   * @param base the shape of the embedded base
   * @param options of the training that shall start from it
   * @return nothing if it does not fit these
   */
  public static Optional<LoraAdapter> start(
      Path directory, ModelConfig base, TrainingOptions options) {
    write(START, START_FILES, directory);
    LoraAdapter start = PeftFormat.read(directory);
    LoraConfig wanted = options.lora();
    boolean fits =
        start.config().rank() <= wanted.rank()
            && start.config().scaling() == wanted.scaling()
            && start.config().targetModules().equals(wanted.targetModules())
            && wanted.aloraInvocationTokens().isEmpty();
    if (!fits) {
      return Optional.empty();
    }
    return Optional.of(
        start.config().rank() == wanted.rank()
            ? start
            : within(LoraInitialization.random(base, wanted, options.seed()), start));
  }

  /** An adapter's ranks as the first of a new one's, whose B is zero. */
  private static LoraAdapter within(LoraAdapter wide, LoraAdapter narrow) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(wide.tensors());
    narrow.tensors().forEach((key, tensor) -> tensors.put(key, within(tensors.get(key), tensor)));
    return LoraAdapter.ofEveryLayer(wide.config(), tensors);
  }

  private static HostTensor within(HostTensor wide, HostTensor narrow) {
    float[] values = wide.toFloatArray();
    float[] first = narrow.toFloatArray();
    int columns = Math.toIntExact(narrow.shape()[1]);
    for (int row = 0; row < narrow.shape()[0]; row++) {
      int to = Math.toIntExact(row * wide.shape()[1]);
      System.arraycopy(first, row * columns, values, to, columns);
    }
    return HostTensor.of(values, wide.shape());
  }

  private static void write(String folder, List<String> names, Path directory) {
    try {
      Files.createDirectories(directory);
      for (String name : names) {
        AtomicFile.write(
            directory.resolve(name), channel -> copy(folder + name, channel), MoaException::new);
      }
    } catch (IOException e) {
      throw new MoaException(
          "Cannot write the embedded base to "
              + directory.toAbsolutePath()
              + ": "
              + Failure.reason(e)
              + ". Run the program in a folder that may be written to.",
          e);
    }
  }

  private static void copy(String resource, WritableByteChannel channel) throws IOException {
    try (InputStream in = EmbeddedBase.class.getResourceAsStream(resource)) {
      in.transferTo(Channels.newOutputStream(channel));
    }
  }
}
