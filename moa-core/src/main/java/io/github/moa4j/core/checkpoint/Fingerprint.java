package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.config.DecoderDesign;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.config.Multipliers;
import io.github.moa4j.core.config.RopeScaling;
import io.github.moa4j.core.config.RopeScaling.Dynamic;
import io.github.moa4j.core.config.RopeScaling.Linear;
import io.github.moa4j.core.config.RopeScaling.Llama3;
import io.github.moa4j.core.config.RopeScaling.LongRope;
import io.github.moa4j.core.config.RopeScaling.Yarn;
import io.github.moa4j.core.files.Sha256;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The hash of a base. It covers what the model computes: family name and context limit are left
 * out, and values count as bf16, the coarsest type a base is commonly stored in. Not thread-safe.
 */
final class Fingerprint {

  private static final String FORMAT = "moa4j-base-1";
  private static final int CHUNK_BYTES = 1 << 16; // stays in the processor's cache
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final MessageDigest digest = Sha256.newDigest();
  private final byte[] chunk = new byte[CHUNK_BYTES];

  /** Starts the hash of a model of that shape; its tensors follow in canonical order. */
  Fingerprint(ModelConfig config) {
    add(architecture(config));
  }

  /** Begins a tensor; its values follow. */
  void addTensor(String name, long[] shape) {
    add(name + Arrays.toString(shape));
  }

  /** Adds values of the tensor that was begun, little endian, from the position to the limit. */
  void addValues(DataType dataType, ByteBuffer values) {
    ByteBuffer bytes = values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      int count =
          switch (dataType) {
            case BF16 -> copy(bytes);
            case F32 -> roundF32(bytes);
            case F16 -> roundF16(bytes);
            default -> throw new IllegalStateException("Weights are not stored as " + dataType);
          };
      digest.update(chunk, 0, count);
    }
  }

  /** Returns the hash, 64 hexadecimal digits. */
  String value() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What is not already visible in the tensors' names and shapes, and they too, for clarity. */
  private static String architecture(ModelConfig config) {
    return String.join(
        " ",
        FORMAT,
        "hidden=" + config.hiddenSize(),
        "layers=" + config.numHiddenLayers(),
        "heads=" + config.numAttentionHeads(),
        "kvHeads=" + config.numKeyValueHeads(),
        "headDim=" + config.headDim(),
        "ffn=" + config.intermediateSize(),
        "vocab=" + config.vocabSize(),
        "eps=" + config.rmsNormEps(),
        "tied=" + config.tieWordEmbeddings(),
        "qkNorm=" + config.queryKeyNorm(),
        "window=" + config.slidingWindow() + beyondLlama(config),
        "theta=" + config.rope().theta(),
        scaling(config.rope().scaling())
            + (config.rope().rotaryDims() == config.headDim()
                ? ""
                : " rotaryDims=" + config.rope().rotaryDims()));
  }

  /** Nothing where all layers attend alike and nothing is multiplied: those hashes are in use. */
  private static String beyondLlama(ModelConfig config) {
    boolean alike = config.attention().stream().distinct().count() == 1;
    boolean plain =
        config.multipliers().equals(Multipliers.plain(config.headDim()))
            && config.attention().get(0).rotated();
    return (alike && plain ? "" : " attention=" + config.attention())
        + (plain ? "" : " multipliers=" + config.multipliers())
        + (config.design().equals(DecoderDesign.LLAMA) ? "" : " design=" + config.design())
        + (config.windowRope().equals(config.rope()) ? "" : " windowRope=" + config.windowRope())
        + (config.experts().exist() ? " " + config.experts() : "");
  }

  /** The first three kinds write what does not belong to them too: their hashes are in use. */
  private static String scaling(RopeScaling scaling) {
    if (scaling instanceof Linear linear) {
      return "scaling=LINEAR factor=" + linear.factor() + " low=1.0 high=1.0 original=0";
    }
    if (scaling instanceof Llama3 llama3) {
      return "scaling=LLAMA3 factor="
          + llama3.factor()
          + " low="
          + llama3.lowFreqFactor()
          + " high="
          + llama3.highFreqFactor()
          + " original="
          + llama3.originalMaxPositionEmbeddings();
    }
    if (scaling instanceof Dynamic dynamic) {
      return "scaling=DYNAMIC factor="
          + dynamic.factor()
          + " original="
          + dynamic.maxPositionEmbeddings();
    }
    if (scaling instanceof Yarn yarn) {
      return "scaling=YARN factor="
          + yarn.factor()
          + " original="
          + yarn.originalMaxPositionEmbeddings()
          + " fast="
          + yarn.betaFast()
          + " slow="
          + yarn.betaSlow()
          + " truncate="
          + yarn.truncate()
          + " attention="
          + yarn.attentionFactor();
    }
    if (scaling instanceof LongRope longRope) {
      return "scaling=LONGROPE short="
          + longRope.shortFactor()
          + " long="
          + longRope.longFactor()
          + " original="
          + longRope.originalMaxPositionEmbeddings()
          + " attention="
          + longRope.attentionFactor();
    }
    return "scaling=NONE factor=1.0 low=1.0 high=1.0 original=0";
  }

  private void add(String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** An array: the hash of a direct buffer copies it in small pieces first. */
  private int copy(ByteBuffer bytes) {
    int count = Math.min(CHUNK_BYTES, bytes.remaining());
    bytes.get(chunk, 0, count);
    return count;
  }

  private int roundF32(ByteBuffer bytes) {
    int count = Math.min(CHUNK_BYTES / Short.BYTES, bytes.remaining() / Float.BYTES);
    for (int i = 0; i < count; i++) {
      SHORTS.set(chunk, Short.BYTES * i, FloatBits.toBf16(bytes.getInt()));
    }
    return Short.BYTES * count;
  }

  private int roundF16(ByteBuffer bytes) {
    int count = Math.min(CHUNK_BYTES, bytes.remaining()) / Short.BYTES;
    for (int i = 0; i < count; i++) {
      float value = FloatBits.f16ToFloat(bytes.getShort());
      SHORTS.set(chunk, Short.BYTES * i, FloatBits.toBf16(Float.floatToRawIntBits(value)));
    }
    return Short.BYTES * count;
  }
}
