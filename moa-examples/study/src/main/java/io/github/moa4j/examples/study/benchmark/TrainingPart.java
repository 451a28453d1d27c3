package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.Map;

/** Training, beside the machine's matrix product between the steps. */
final class TrainingPart {

  private static final int FLOP_PER_WEIGHT_AND_TOKEN = 4;

  private TrainingPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Training, 4 x 128 tokens, rank 8 on all maps",
            "shape",
            "format",
            "activations",
            "tokens/s",
            "matrix product of that type between the steps (GFLOP/s)",
            "share of it, 4 FLOP a weight and token",
            "peak resident memory (GB)",
            "rows of 64 to 192 tokens: tokens/s",
            "peak (GB)");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        measure(setting, shape, format, false, table);
        measure(setting, shape, format, true, table);
      }
    }
  }

  private static void measure(
      Setting setting,
      Shape shape,
      WeightFormat format,
      boolean checkpointing,
      MarkdownTable table) {
    try (MeasuringProcess training = setting.training(shape, format, checkpointing);
        MeasuringProcess varied = setting.training(shape, format, checkpointing)) {
      Map<String, Double> medians =
          new Turns()
              .with(TrainingSpeed.TOKENS, training, TrainingSpeed.TOKENS)
              .with(TrainingSpeed.VARIED_TOKENS, varied, TrainingSpeed.VARIED_TOKENS)
              .with(TrainingSpeed.PRODUCT, training, TrainingSpeed.PRODUCT)
              .medians(setting.runs());
      double tokens = medians.get(TrainingSpeed.TOKENS);
      double product = medians.get(TrainingSpeed.PRODUCT);
      table.row(
          shape,
          format,
          checkpointing ? "computed again" : "kept",
          tokens,
          product * 1e-9,
          FLOP_PER_WEIGHT_AND_TOKEN * shape.weights() * tokens / product,
          training.measure(ServingMemory.PEAK) * 1e-9,
          medians.get(TrainingSpeed.VARIED_TOKENS),
          varied.measure(ServingMemory.PEAK) * 1e-9);
    }
  }
}
