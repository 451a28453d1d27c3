package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.Map;

/** What differential privacy costs in training, by turns with training as usual. */
final class PrivacyPart {

  private PrivacyPart() {}

  /** Measures and prints: on the base that comes along, and on the shapes. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Private training, 4 x 128 tokens, rank 8 on all maps (tokens/s)",
            "base",
            "format",
            "as usual",
            "private",
            "time, private / as usual");
    for (WeightFormat format : setting.formats()) {
      try (MeasuringProcess training = setting.embeddedTraining(format)) {
        row(setting, "embedded", format, training, table);
      }
    }
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        try (MeasuringProcess training = setting.training(shape, format, false)) {
          row(setting, shape.toString(), format, training, table);
        }
      }
    }
  }

  private static void row(
      Setting setting,
      String base,
      WeightFormat format,
      MeasuringProcess training,
      MarkdownTable table) {
    Map<String, Double> medians =
        new Turns()
            .with(TrainingSpeed.TOKENS, training, TrainingSpeed.TOKENS)
            .with(TrainingSpeed.PRIVATE_TOKENS, training, TrainingSpeed.PRIVATE_TOKENS)
            .medians(setting.runs());
    double usual = medians.get(TrainingSpeed.TOKENS);
    double secret = medians.get(TrainingSpeed.PRIVATE_TOKENS);
    table.row(base, format, usual, secret, usual / secret);
  }
}
