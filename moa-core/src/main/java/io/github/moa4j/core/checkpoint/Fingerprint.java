package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.checkpoint.RopeScaling.Dynamic;
import io.github.moa4j.core.checkpoint.RopeScaling.Linear;
import io.github.moa4j.core.checkpoint.RopeScaling.Llama3;
import io.github.moa4j.core.checkpoint.RopeScaling.LongRope;
import io.github.moa4j.core.checkpoint.RopeScaling.Yarn;
import io.github.moa4j.core.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The hash of a base. It covers what the model computes: family name and context limit are left
 * out, and values count as bf16, the coarsest type a base is commonly stored in.
 */
final class Fingerprint {

  private static final String FORMAT = "moa4j-base-1";
  private static final int CHUNK_BYTES = 1 << 20;

  private final MessageDigest digest = Sha256.newDigest();
  private final ByteBuffer source = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] rounded = new byte[CHUNK_BYTES];

  private Fingerprint() {}

  static String of(Checkpoint checkpoint) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(architecture(checkpoint.config()));
    for (String name : checkpoint.names()) {
      fingerprint.add(name + Arrays.toString(checkpoint.shape(name)));
      fingerprint.addValues(checkpoint, name);
    }
    return HexFormat.of().formatHex(fingerprint.digest.digest());
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
        "window=" + config.slidingWindow(),
        "theta=" + config.rope().theta(),
        scaling(config.rope().scaling())
            + (config.rope().rotaryDims() == config.headDim()
                ? ""
                : " rotaryDims=" + config.rope().rotaryDims()));
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

  private void addValues(Checkpoint checkpoint, String name) {
    DataType dataType = checkpoint.dataType(name);
    long bytes = HostTensor.elements(checkpoint.shape(name)) * dataType.bytes();
    for (long offset = 0; offset < bytes; offset += CHUNK_BYTES) {
      source.clear().limit((int) Math.min(CHUNK_BYTES, bytes - offset));
      checkpoint.read(name, offset, source);
      source.flip();
      switch (dataType) {
        case BF16 -> digest.update(source.array(), 0, source.limit());
        case F32 -> digest.update(rounded, 0, roundF32());
        case F16 -> digest.update(rounded, 0, roundF16());
        default -> throw new IllegalStateException(name + " is stored as " + dataType);
      }
    }
  }

  private int roundF32() {
    int count = source.limit() / Float.BYTES;
    for (int i = 0; i < count; i++) {
      put(i, FloatBits.toBf16(source.getInt(Float.BYTES * i)));
    }
    return Short.BYTES * count;
  }

  private int roundF16() {
    int count = source.limit() / Short.BYTES;
    for (int i = 0; i < count; i++) {
      float value = FloatBits.f16ToFloat(source.getShort(Short.BYTES * i));
      put(i, FloatBits.toBf16(Float.floatToRawIntBits(value)));
    }
    return Short.BYTES * count;
  }

  private void put(int index, short bits) {
    rounded[2 * index] = (byte) bits;
    rounded[2 * index + 1] = (byte) (bits >>> 8);
  }
}
