package io.github.moa4j.core.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.config.DecoderDesign;
import io.github.moa4j.core.config.Experts;
import io.github.moa4j.core.config.LayerAttention;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.config.Multipliers;
import io.github.moa4j.core.config.RopeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A copy of a golden checkpoint, to be changed before it is written. */
public final class TestCheckpoint {

  public static final Path GOLDEN = Path.of("src/test/resources/golden");

  public final ObjectNode config;
  public final Map<String, HostTensor> tensors;

  private TestCheckpoint(ObjectNode config, Map<String, HostTensor> tensors) {
    this.config = config;
    this.tensors = tensors;
  }

  public static TestCheckpoint golden(String name) {
    Path source = GOLDEN.resolve(name);
    try {
      return new TestCheckpoint(
          (ObjectNode) new JsonMapper().readTree(source.resolve("config.json").toFile()),
          SafetensorsFiles.read(source.resolve("model.safetensors")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The shape of the golden Llama with other rotary settings. */
  public static ModelConfig config(RopeConfig rope) {
    return new ModelConfig(
        "llama",
        64,
        2,
        4,
        2,
        16,
        176,
        512,
        1e-6,
        256,
        false,
        false,
        false,
        false,
        false,
        DecoderDesign.LLAMA,
        0,
        Collections.nCopies(2, LayerAttention.FULL),
        Multipliers.plain(16),
        rope,
        rope,
        Experts.NONE);
  }

  public void rename(UnaryOperator<String> rename) {
    Map<String, HostTensor> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(rename.apply(name), tensor));
    tensors.clear();
    tensors.putAll(renamed);
  }

  public Path write(Path directory) {
    writeConfig(directory);
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    return directory;
  }

  public Path writeConfig(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("config.json"), config.toString());
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes three shards, tensors dealt out in turn. */
  public Path writeShards(Path directory) {
    writeConfig(directory);
    Map<String, Map<String, HostTensor>> shards = new LinkedHashMap<>();
    ObjectNode weightMap = new JsonMapper().createObjectNode();
    int index = 0;
    for (Map.Entry<String, HostTensor> entry : tensors.entrySet()) {
      String shard = shard(index++ % 3);
      shards
          .computeIfAbsent(shard, s -> new LinkedHashMap<>())
          .put(entry.getKey(), entry.getValue());
      weightMap.put(entry.getKey(), shard);
    }
    shards.forEach(
        (shard, content) ->
            SafetensorsWriter.write(directory.resolve(shard), content, Map.of("format", "pt")));
    writeIndex(directory, weightMap);
    return directory;
  }

  public static String shard(int index) {
    return "model-0000" + (index + 1) + "-of-00003.safetensors";
  }

  public static void writeIndex(Path directory, ObjectNode weightMap) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.set("weight_map", weightMap);
    try {
      Files.writeString(directory.resolve("model.safetensors.index.json"), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rounds every tensor to bf16, stored as bf16 or widened again to f32. */
  public void roundToBf16(DataType storage) {
    tensors.replaceAll(
        (name, tensor) -> {
          float[] values = tensor.toFloatArray();
          ByteBuffer data =
              ByteBuffer.allocate(values.length * storage.bytes()).order(ByteOrder.LITTLE_ENDIAN);
          for (float value : values) {
            short bits = FloatBits.toBf16(Float.floatToRawIntBits(value));
            if (storage == DataType.BF16) {
              data.putShort(bits);
            } else {
              data.putFloat(FloatBits.bf16ToFloat(bits));
            }
          }
          return new HostTensor(storage, tensor.shape(), data.flip());
        });
  }
}
