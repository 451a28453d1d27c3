package io.github.moa4j.core.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.passthrough.PassthroughNDArray;
import ai.djl.util.passthrough.PassthroughNDManager;

/** Weights that know their size and need no engine, for tests of what only lends them. */
public final class EngineFreeWeights {

  private EngineFreeWeights() {}

  /** Makes weights of one 32-bit array. */
  public static LoraWeights ofBytes(long bytes) {
    NDManager manager = PassthroughNDManager.INSTANCE;
    Shape shape = new Shape(bytes / Float.BYTES);
    NDArray array = new PassthroughNDArray(manager, "no content", shape, DataType.FLOAT32);
    return new LoraWeights(manager, new NDList(array), Float.BYTES);
  }
}
