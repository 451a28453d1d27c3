package io.github.moa4j.core.model;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;

/** What the quantised formats make of a tensor, written down once more. */
final class Quantised {

  private Quantised() {}

  /** Matrices in 255 steps a row; vectors stay. */
  static HostTensor int8(ModelConfig config, String name, HostTensor tensor) {
    if (tensor.shape().length == 1 || name.endsWith(".gate.weight")) { // norms, routers
      return tensor;
    }
    float[] values = tensor.toFloatArray();
    int columns = Math.toIntExact(tensor.shape()[1]);
    for (int start = 0; start < values.length; start += columns) {
      float greatest = 0;
      for (int i = start; i < start + columns; i++) {
        greatest = Math.max(greatest, Math.abs(values[i]));
      }
      float step = Math.max(bf16(greatest / 127), 1e-30f);
      for (int i = start; i < start + columns; i++) {
        values[i] = step * (float) Math.max(-127, Math.min(127, Math.rint(values[i] / step)));
      }
    }
    return HostTensor.of(values, tensor.shape());
  }

  /** The maps of a layer in 16 steps for 32 columns, where their sizes allow; the rest as int8. */
  static HostTensor int4(ModelConfig config, String name, HostTensor tensor) {
    if (tensor.shape().length == 1 || !isInt4(config, name, tensor)) {
      return int8(config, name, tensor);
    }
    float[] values = tensor.toFloatArray();
    for (int start = 0; start < values.length; start += 32) {
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (int i = start; i < start + 32; i++) {
        least = Math.min(least, values[i]);
        greatest = Math.max(greatest, values[i]);
      }
      float step = Math.max(bf16((greatest - least) / 15), 1e-30f);
      float zero = bf16(least + 8 * step);
      for (int i = start; i < start + 32; i++) {
        double q = Math.max(0, Math.min(15, Math.rint((values[i] - zero) / step + 8)));
        values[i] = (float) (q - 8) * step + zero;
      }
    }
    return HostTensor.of(values, tensor.shape());
  }

  private static boolean isInt4(ModelConfig config, String name, HostTensor tensor) {
    int heads = config.numAttentionHeads() + 2 * config.numKeyValueHeads();
    long rows = tensor.shape()[0];
    if (name.contains("q_proj") || name.contains("k_proj") || name.contains("v_proj")) {
      rows = (long) heads * config.headDim();
    } else if (name.matches(".*experts.*(gate_proj|up_proj|w1|w3).*")) {
      rows = 2L * config.experts().intermediateSize();
    } else if (name.contains("gate_proj") || name.contains("up_proj")) {
      rows = 2L * config.intermediateSize();
    }
    return !name.contains("embed_tokens") && rows % 64 == 0 && tensor.shape()[1] % 32 == 0;
  }

  private static float bf16(float value) {
    int bits = Float.floatToIntBits(value);
    return Float.intBitsToFloat((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
  }
}
