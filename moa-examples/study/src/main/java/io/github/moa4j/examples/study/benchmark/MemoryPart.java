package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.process.ChildJvm;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.List;
import java.util.Map;

/** Memory and loading of a process that does nothing but serve. */
final class MemoryPart {

  private MemoryPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Serving process",
            "shape",
            "format",
            "peak resident memory (GB)",
            "loading (s)",
            "processor time of loading (s)");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        Map<String, Double> values =
            ChildJvm.run(
                Setting.SMALL_HEAP,
                ServingMemory.class,
                List.of(setting.checkpoint(shape).toString(), format.name()));
        table.row(
            shape,
            format,
            values.get(ServingMemory.PEAK) * 1e-9,
            values.get(ServingMemory.LOAD),
            values.get(ServingMemory.PROCESSOR));
      }
    }
  }
}
