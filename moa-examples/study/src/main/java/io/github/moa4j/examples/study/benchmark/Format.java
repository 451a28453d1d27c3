package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.study.gguf.TensorType;
import io.github.moa4j.router.MixtureBuilder;
import java.nio.file.Path;

/** How a base's weights are held, here and in llama.cpp. */
public enum Format {
  /** 32 bits. */
  F32(TensorType.F32),
  /** 16 bits. */
  BF16(TensorType.BF16),
  /** 8 bits and scales. */
  INT8(TensorType.Q8_0),
  /** 4 bits and scales. */
  INT4(TensorType.Q4_0);

  private final TensorType peer;

  Format(TensorType peer) {
    this.peer = peer;
  }

  /** Returns what is next to it in llama.cpp. */
  TensorType peer() {
    return peer;
  }

  MixtureBuilder chosen(MixtureBuilder builder) {
    return builder.computeType(this == F32 ? ComputeType.F32 : ComputeType.BF16);
  }

  BaseModel load(Path directory) {
    return BaseModel.load(directory, WeightFormat.valueOf(name()));
  }
}
