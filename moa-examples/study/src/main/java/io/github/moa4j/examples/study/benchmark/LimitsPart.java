package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.List;
import java.util.Map;

/** What the machine can do. */
final class LimitsPart {

  private LimitsPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "The machine's limits",
            "shape",
            "memory read (GB/s)",
            "matrix product",
            "f32 (GFLOP/s)",
            "bf16 (GFLOP/s)");
    for (Shape shape : setting.shapes()) {
      int inner = shape.hiddenSize();
      int columns = shape.intermediateSize();
      try (MeasuringProcess machine =
          MeasuringProcess.start(
              List.of(), MachineLimits.class, List.of("" + inner, "" + columns))) {
        Turns turns = new Turns();
        for (String limit :
            List.of(MachineLimits.READ, WeightFormat.F32.name(), WeightFormat.BF16.name())) {
          turns.with(limit, machine, limit);
        }
        Map<String, Double> medians = turns.medians(setting.runs());
        table.row(
            shape,
            medians.get(MachineLimits.READ) * 1e-9,
            MachineLimits.ROWS + " x " + inner + " x " + columns,
            medians.get(WeightFormat.F32.name()) * 1e-9,
            medians.get(WeightFormat.BF16.name()) * 1e-9);
      }
    }
  }
}
