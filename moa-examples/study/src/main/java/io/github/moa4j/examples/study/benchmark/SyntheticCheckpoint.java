package io.github.moa4j.examples.study.benchmark;

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

/**
 * A Llama checkpoint of 135 M parameters in bf16, with random weights of standard deviation 0.02.
 */
public final class SyntheticCheckpoint {

  static final int VOCABULARY = 49_152;
  private static final int HIDDEN = 576;
  private static final int LAYERS = 30;
  private static final int HEADS = 9;
  private static final int KEY_VALUE_HEADS = 3;
  private static final int HEAD_DIM = 64;
  private static final int FFN = 1536;
  private static final int CONTEXT = 2048;

  /** Elements of all matrices, the embedding once, as it is also the output projection. */
  static final long WEIGHTS =
      (long) VOCABULARY * HIDDEN
          + (long) LAYERS * HIDDEN * (HEAD_DIM * (2 * HEADS + 2 * KEY_VALUE_HEADS) + 3 * FFN);

  private static final String CONFIG = "config.json";
  private static final String MODEL = "model.safetensors";
  private static final short ONE = 0x3F80; // bf16

  private final SplittableRandom random = new SplittableRandom(1);
  private final ByteBuffer pool = pool();
  private final Map<String, HostTensor> tensors = new LinkedHashMap<>();

  private SyntheticCheckpoint() {}

  /** Writes {@code config.json} and {@code model.safetensors} into a folder. */
  public static void write(Path directory) {
    SyntheticCheckpoint checkpoint = new SyntheticCheckpoint();
    checkpoint.addTensors();
    SafetensorsWriter.write(directory.resolve(MODEL), checkpoint.tensors, Map.of("format", "pt"));
    try {
      new ObjectMapper().writeValue(directory.resolve(CONFIG).toFile(), config());
    } catch (IOException e) {
      throw new MoaException(
          "Cannot write " + directory.resolve(CONFIG) + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** Deletes the files and the folder. */
  public static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(CONFIG));
    Files.deleteIfExists(directory.resolve(MODEL));
    Files.deleteIfExists(directory);
  }

  private static Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("hidden_size", HIDDEN);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KEY_VALUE_HEADS);
    config.put("intermediate_size", FFN);
    config.put("vocab_size", VOCABULARY);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("max_position_embeddings", CONTEXT);
    config.put("tie_word_embeddings", true);
    config.put("hidden_act", "silu");
    return config;
  }

  private void addTensors() {
    add("model.embed_tokens", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".";
      addNorm(prefix + "input_layernorm");
      add(prefix + "self_attn.q_proj", HEADS * HEAD_DIM, HIDDEN);
      add(prefix + "self_attn.k_proj", KEY_VALUE_HEADS * HEAD_DIM, HIDDEN);
      add(prefix + "self_attn.v_proj", KEY_VALUE_HEADS * HEAD_DIM, HIDDEN);
      add(prefix + "self_attn.o_proj", HIDDEN, HEADS * HEAD_DIM);
      addNorm(prefix + "post_attention_layernorm");
      add(prefix + "mlp.gate_proj", FFN, HIDDEN);
      add(prefix + "mlp.up_proj", FFN, HIDDEN);
      add(prefix + "mlp.down_proj", HIDDEN, FFN);
    }
    addNorm("model.norm");
  }

  /** Every matrix is a window of one pool of random numbers, so that little memory is needed. */
  private void add(String module, int rows, int columns) {
    int bytes = DataType.BF16.bytes() * rows * columns;
    int free = (pool.capacity() - bytes) / DataType.BF16.bytes();
    int start = DataType.BF16.bytes() * random.nextInt(free + 1);
    tensors.put(
        module + ".weight",
        new HostTensor(DataType.BF16, new long[] {rows, columns}, pool.slice(start, bytes)));
  }

  private void addNorm(String module) {
    ByteBuffer ones = allocate(HIDDEN);
    for (int i = 0; i < HIDDEN; i++) {
      ones.putShort(2 * i, ONE);
    }
    tensors.put(module + ".weight", new HostTensor(DataType.BF16, new long[] {HIDDEN}, ones));
  }

  private ByteBuffer pool() {
    int count = VOCABULARY * HIDDEN;
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
