package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.study.measurement.ProcessMemory;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Peak memory and loading time of a process that answers in one format. */
public final class ServingMemory {

  /** Most bytes that were ever resident. */
  static final String PEAK = "peak";

  /** Seconds until the base is loaded. */
  static final String LOAD = "load";

  /** Seconds of all threads in that time. */
  static final String PROCESSOR = "processor";

  private ServingMemory() {}

  /** Arguments: checkpoint directory, format. */
  public static void main(String[] args) {
    double processor = processorSeconds();
    long start = System.nanoTime();
    try (BaseModel model = BaseModel.load(Path.of(args[0]), WeightFormat.valueOf(args[1]))) {
      ChildJvm.report(LOAD, (System.nanoTime() - start) / 1e9);
      ChildJvm.report(PROCESSOR, processorSeconds() - processor);
      Decoding decoding = new Decoding(model);
      decoding.prefill();
      decoding.decode(List.of(AdapterChoice.base()));
    }
    ChildJvm.report(PEAK, (double) ProcessMemory.peak());
  }

  private static double processorSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }
}
