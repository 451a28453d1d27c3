package io.github.moa4j.examples.study.comparison;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.examples.base.EmbeddedBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The embedded base with its first layers only, which trains and answers in no time. */
final class ShallowBase {

  private ShallowBase() {}

  static Path in(Path folder, int layers) {
    try {
      Path base = EmbeddedBase.extractTo(folder);
      keep(layers, base);
      return base;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void keep(int layers, Path model) throws IOException {
    Path weights = model.resolve("model.safetensors");
    Map<String, HostTensor> kept = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      for (String name : file.names()) {
        if (!name.startsWith("model.layers.") || layer(name) < layers) {
          kept.put(name, file.tensor(name));
        }
      }
      Path cut = model.resolve("cut.safetensors");
      SafetensorsWriter.write(cut, kept, Map.of("format", "pt"));
      Files.delete(weights);
      Files.move(cut, weights);
    }
    ObjectMapper json = new ObjectMapper();
    Path config = model.resolve("config.json");
    ObjectNode values = (ObjectNode) json.readTree(config.toFile());
    values.put("num_hidden_layers", layers);
    json.writeValue(config.toFile(), values);
  }

  private static int layer(String tensor) {
    return Integer.parseInt(tensor.split("\\.", -1)[2]);
  }
}
