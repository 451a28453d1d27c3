package io.github.moa4j.core.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.config.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;

/** Writes checkpoints: random ones, and others in another form. */
public final class SampleCheckpoints {

  private SampleCheckpoints() {}

  /** Writes a checkpoint of random weights: matrices normal with deviation 1/√in, norms near 1. */
  public static void writeRandom(Path directory, String configJson, long seed) {
    write(directory.resolve("config.json"), configJson);
    ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    DecoderLayout.of(config)
        .tensors()
        .forEach((name, shape) -> tensors.put(name, random(random, shape)));
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, Map.of());
  }

  /** A random tensor: a matrix normal with deviation 1/√in, a vector near 1. */
  public static HostTensor random(Random random, long[] shape) {
    float[] values = new float[Math.toIntExact(HostTensor.elements(shape))];
    boolean vector = shape.length == 1;
    double deviation = vector ? 0.1 : 1 / Math.sqrt((double) shape[1]);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((vector ? 1 : 0) + deviation * random.nextGaussian());
    }
    return HostTensor.of(values, shape);
  }

  /** Writes the weights of a checkpoint, rounded to one type and stored as another. */
  public static Path rewrite(Path source, Path target, DataType rounded, DataType stored) {
    return rewrite(source, target, (name, tensor) -> convert(convert(tensor, rounded), stored));
  }

  /** Writes a checkpoint whose tensors are made of another's. */
  public static Path rewrite(
      Path source, Path target, BiFunction<String, HostTensor, HostTensor> change) {
    copyConfig(source, target);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      for (String name : checkpoint.names()) {
        tensors.put(name, change.apply(name, checkpoint.tensor(name)));
      }
      SafetensorsWriter.write(target.resolve("model.safetensors"), tensors, Map.of());
    }
    return target;
  }

  /** Writes a checkpoint as shards of one to a few tensors with an index. */
  public static Path shard(Path source, Path target, int count) {
    copyConfig(source, target);
    ObjectNode index = new ObjectMapper().createObjectNode();
    ObjectNode weightMap = index.putObject("weight_map");
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      String[] names = checkpoint.names().toArray(String[]::new);
      for (int shard = 0; shard < count; shard++) {
        String file = "model-%05d-of-%05d.safetensors".formatted(shard + 1, count);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (int i = shard; i < names.length; i += count) {
          tensors.put(names[i], checkpoint.tensor(names[i]));
          weightMap.put(names[i], file);
        }
        SafetensorsWriter.write(target.resolve(file), tensors, Map.of("format", "pt"));
      }
    }
    write(target.resolve("model.safetensors.index.json"), index.toString());
    return target;
  }

  private static void copyConfig(Path source, Path target) {
    try {
      Files.createDirectories(target);
      Files.copy(source.resolve("config.json"), target.resolve("config.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rounds a tensor to a type. */
  public static HostTensor convert(HostTensor tensor, DataType type) {
    float[] values = tensor.toFloatArray();
    if (type == DataType.F32) {
      return HostTensor.of(values, tensor.shape());
    }
    ByteBuffer data = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putShort(
          type == DataType.BF16 ? FloatBits.toBf16(Float.floatToIntBits(value)) : toF16(value));
    }
    return new HostTensor(type, tensor.shape(), data.flip());
  }

  /** The nearest binary16, found among the neighbours of the truncated value. */
  private static short toF16(float value) {
    int magnitude = 0;
    for (int bit = 0x4000; bit > 0; bit >>= 1) {
      if (FloatBits.f16ToFloat((short) (magnitude | bit)) <= Math.abs(value)) {
        magnitude |= bit;
      }
    }
    float below = FloatBits.f16ToFloat((short) magnitude);
    float above = FloatBits.f16ToFloat((short) (magnitude + 1));
    if (above - Math.abs(value) < Math.abs(value) - below) {
      magnitude++;
    }
    return (short) (value < 0 ? magnitude | 0x8000 : magnitude);
  }
}
