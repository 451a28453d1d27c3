package io.github.moa4j.core.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.config.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A copy of a golden adapter, to be changed before it is written. */
final class TestAdapter {

  static final Path GOLDEN = Path.of("src/test/resources/golden");

  final ObjectNode config;
  final Map<String, HostTensor> tensors;

  private final String name;

  private TestAdapter(String name, ObjectNode config, Map<String, HostTensor> tensors) {
    this.name = name;
    this.config = config;
    this.tensors = tensors;
  }

  static TestAdapter golden(String name) {
    Path source = GOLDEN.resolve(name).resolve("adapter");
    try {
      return new TestAdapter(
          name,
          (ObjectNode) new JsonMapper().readTree(source.resolve("adapter_config.json").toFile()),
          new LinkedHashMap<>(PeftFormat.read(source).tensors()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The shape of the base that it belongs to. */
  ModelConfig base() {
    return ModelConfig.read(GOLDEN.resolve(name).resolve("config.json"));
  }

  /** Replaces keys of the configuration; a JSON object in single quotes. */
  void set(String changes) {
    try {
      new JsonMapper()
          .readTree(changes.replace('\'', '"'))
          .properties()
          .forEach(entry -> config.set(entry.getKey(), entry.getValue()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes the tensors whose keys do not match. */
  void keep(String regex) {
    tensors.keySet().removeIf(key -> !key.matches(regex));
  }

  /** Gives one module a lower rank; of the values, the first ones stay. */
  void shrinkRank(String module, int rank) {
    tensors.replaceAll(
        (key, tensor) -> {
          if (!key.contains(module + ".")) {
            return tensor;
          }
          long[] shape = tensor.shape();
          shape[key.contains("lora_A") ? 0 : 1] = rank;
          int size = (int) (shape[0] * shape[1]);
          return HostTensor.of(Arrays.copyOf(tensor.toFloatArray(), size), shape);
        });
  }

  Path write(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("adapter_config.json"), config.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafetensorsWriter.write(
        directory.resolve("adapter_model.safetensors"), tensors, Map.of("format", "pt"));
    return directory;
  }
}
