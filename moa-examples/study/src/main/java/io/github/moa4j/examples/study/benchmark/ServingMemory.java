package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.file.Path;

/** Peak memory and loading time of a process that answers in one precision. */
public final class ServingMemory {

  private ServingMemory() {}

  /** Arguments: checkpoint directory, number of runs (not used), compute type. */
  public static void main(String[] args) {
    long start = System.nanoTime();
    try (BaseModel model = BaseModel.load(Path.of(args[0]), ComputeType.valueOf(args[2]))) {
      ChildJvm.report("load", (System.nanoTime() - start) / 1e9);
      Decoding decoding = new Decoding(model);
      decoding.prefill();
      decoding.decode();
    }
    ChildJvm.report("peak", (double) ProcessMemory.peak());
  }
}
