package io.github.moa4j.core.lora;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory format of Hugging Face's PEFT: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}. Everything in a configuration is either honoured or refused by name;
 * files beside the two are neither read nor touched.
 */
public final class PeftFormat {

  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PICKLE = "adapter_model.bin";

  private PeftFormat() {}

  /**
   * Reads an adapter completely into memory.
   *
   * @throws AdapterException if a file is missing or damaged, the configuration asks for something
   *     that is not supported, or the tensors do not agree with it or hold NaN or infinite values
   */
  public static LoraAdapter read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new AdapterException(
          "There is no adapter directory "
              + directory
              + ": it "
              + Failure.noFolder(directory)
              + ".");
    }
    PeftConfig config = PeftConfig.read(directory.resolve(CONFIG));
    Map<String, HostTensor> file = readTensors(directory);
    dropRepetitions(file, config.targets());
    try {
      Map<String, HostTensor> tensors = ExpertParameters.apart(file, config);
      List<AdapterKey> keys = LoraAdapter.keys(tensors);
      int depth = keys.stream().mapToInt(key -> key.layer() + 1).max().orElse(0);
      LoraConfig lora = config.toLoraConfig(depth, keys);
      LoraAdapter adapter = LoraAdapter.of(lora, tensors, config.targets());
      new AdapterCheck(adapter).checkComplete(ModulePatterns.paths(depth, keys));
      return adapter;
    } catch (AdapterException | IllegalArgumentException e) {
      throw new AdapterException("Cannot use the adapter " + directory + ": " + e.getMessage(), e);
    }
  }

  /**
   * Compares what an adapter's folder says about its base with the base: {@code
   * base_model_name_or_path} and, if there are any, the files of its tokenizer, which is never
   * used. Differences do not make an adapter unusable, but are worth a word to whoever imports it.
   *
   * @param base the folder of the base
   * @return nothing if all agrees
   * @throws AdapterException if the adapter's configuration cannot be read
   */
  public static List<AdapterDifference> differences(Path directory, Path base) {
    return FolderComparison.of(directory, base);
  }

  private static Map<String, HostTensor> readTensors(Path directory) {
    Path weights = directory.resolve(WEIGHTS);
    if (!Files.exists(weights)) {
      throw new AdapterException(
          Files.exists(directory.resolve(PICKLE))
              ? directory
                  + " holds its weights as "
                  + PICKLE
                  + " only. That is Python's pickle format, which can run code, so it is never"
                  + " read; save it from PEFT with safe_serialization=True."
              : "There is no file " + weights + ".");
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      for (String name : file.names()) {
        tensors.put(name, onHeap(file, name));
      }
    } catch (CheckpointException e) {
      throw new AdapterException(e.getMessage(), e);
    }
    if (tensors.isEmpty()) {
      throw new AdapterException(weights + " holds no tensors.");
    }
    return tensors;
  }

  /**
   * Where PEFT is told to save the embedding layers ({@code save_embedding_layers}), it writes what
   * it wraps them in too: of a module that is replaced the new weight a second time and the base's,
   * and the rows of the embedding's tokens at a head that is tied to it. Its own reader passes over
   * them.
   */
  private static void dropRepetitions(Map<String, HostTensor> file, PeftTargets targets) {
    for (String module : List.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD)) {
      if (targets.saves(module)) {
        String wrapper = "base_model.model." + module;
        file.remove(wrapper + ".modules_to_save.weight");
        file.remove(wrapper + ".original_module.weight");
      }
    }
    String rows = LoraAdapter.key(LoraAdapter.HEAD, AdapterPart.TOKENS);
    String tied = LoraAdapter.key(LoraAdapter.EMBEDDING, AdapterPart.TOKENS);
    if (targets.tokens().keySet().stream()
            .noneMatch(name -> PeftTargets.means(name, LoraAdapter.HEAD))
        && file.containsKey(rows)
        && file.get(rows).equals(file.get(tied))) {
      file.remove(rows);
    }
  }

  /** Not mapped: an adapter of all experts can have more tensors than a process can map. */
  private static HostTensor onHeap(SafetensorsFile file, String name) {
    if (file.byteSize(name) > Integer.MAX_VALUE) {
      return file.tensor(name); // says that it is too large
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) file.byteSize(name));
    file.read(name, 0, bytes);
    return new HostTensor(file.dataType(name), file.shape(name), bytes.flip());
  }

  /**
   * Writes an adapter without the name of its base; see {@link #write(LoraAdapter, Path, String)}.
   *
   * @throws AdapterException if a file cannot be written
   */
  public static void write(LoraAdapter adapter, Path directory) {
    write(adapter, directory, null);
  }

  /**
   * Writes an adapter so that PEFT, vLLM and llama.cpp's converter read it. Each of the two files
   * is replaced atomically, the tensors first; the directory is created if it does not exist, and
   * other files in it are left alone.
   *
   * @param baseModel {@code base_model_name_or_path}, by which PEFT finds the base; null if unknown
   * @throws AdapterException if a file cannot be written
   */
  public static void write(LoraAdapter adapter, Path directory, String baseModel) {
    try {
      Files.createDirectories(directory);
      SafetensorsWriter.write(
          directory.resolve(WEIGHTS),
          ExpertParameters.together(adapter.tensors()),
          Map.of("format", "pt"));
      AtomicFile.write(
          directory.resolve(CONFIG),
          PeftConfigWriter.write(adapter, baseModel),
          AdapterException::new);
    } catch (CheckpointException e) {
      throw new AdapterException(e.getMessage(), e);
    } catch (IOException e) {
      throw new AdapterException("Cannot create the directory " + directory + ": " + e, e);
    }
  }
}
