package io.github.moa4j.examples.study.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** A checkpoint in bf16, with random weights of standard deviation 0.02 and norms of ones. */
public final class SyntheticCheckpoint {

  private static final String CONFIG = "config.json";
  private static final String MODEL = "model.safetensors";
  private static final short ONE = 0x3F80; // bf16

  private final Shape shape;
  private final SplittableRandom random = new SplittableRandom(1);
  private final ByteBuffer pool;
  private final Map<String, HostTensor> tensors = new LinkedHashMap<>();

  private SyntheticCheckpoint(Shape shape) {
    this.shape = shape;
    this.pool = pool(Math.max(shape.vocabSize(), shape.intermediateSize()) * shape.hiddenSize());
  }

  /**
   * Writes {@code config.json} and {@code model.safetensors} into a folder, if they are not there.
   */
  public static void write(Path directory, Shape shape) {
    Path config = directory.resolve(CONFIG);
    if (Files.exists(config)) {
      return;
    }
    SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(shape);
    checkpoint.addTensors();
    SafetensorsWriter.write(directory.resolve(MODEL), checkpoint.tensors, Map.of("format", "pt"));
    try {
      new ObjectMapper().writeValue(config.toFile(), shape.config());
    } catch (IOException e) {
      throw new MoaException("Cannot write " + config + ": " + Failure.reason(e) + ".", e);
    }
  }

  private void addTensors() {
    add("model.embed_tokens.weight", shape.vocabSize(), shape.hiddenSize());
    for (int layer = 0; layer < shape.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      addNorm(prefix + "input_layernorm.weight");
      addNorm(prefix + "post_attention_layernorm.weight");
      shape
          .layerMatrices()
          .forEach(
              (module, size) -> {
                add(prefix + module + ".weight", size[0], size[1]);
                if (shape.biased() && module.matches(".*[qkv]_proj")) {
                  add(prefix + module + ".bias", size[0]);
                }
              });
    }
    addNorm("model.norm.weight");
    if (!shape.tied()) {
      add("lm_head.weight", shape.vocabSize(), shape.hiddenSize());
    }
  }

  /** Every tensor is a window of one pool of random numbers, so that little memory is needed. */
  private void add(String name, int... dimensions) {
    long[] sizes = new long[dimensions.length];
    int bytes = DataType.BF16.bytes();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = dimensions[i];
      bytes *= dimensions[i];
    }
    int free = (pool.capacity() - bytes) / DataType.BF16.bytes();
    int start = DataType.BF16.bytes() * random.nextInt(free + 1);
    tensors.put(name, new HostTensor(DataType.BF16, sizes, pool.slice(start, bytes)));
  }

  private void addNorm(String name) {
    int size = shape.hiddenSize();
    ByteBuffer ones = allocate(size);
    for (int i = 0; i < size; i++) {
      ones.putShort(2 * i, ONE);
    }
    tensors.put(name, new HostTensor(DataType.BF16, new long[] {size}, ones));
  }

  private ByteBuffer pool(int count) {
    ByteBuffer values = allocate(count);
    for (int i = 0; i < count; i++) {
      values.putShort(2 * i, (short) (Float.floatToIntBits(normal()) >>> 16));
    }
    return values;
  }

  /** The sum of twelve uniform numbers has variance 1 and is close enough to normal. */
  private float normal() {
    float sum = -6;
    for (int i = 0; i < 3; i++) {
      long bits = random.nextLong();
      for (int part = 0; part < 4; part++) {
        sum += ((bits >>> (16 * part)) & 0xFFFF) / 65_536f;
      }
    }
    return 0.02f * sum;
  }

  private static ByteBuffer allocate(int count) {
    return ByteBuffer.allocate(DataType.BF16.bytes() * count).order(ByteOrder.LITTLE_ENDIAN);
  }
}
