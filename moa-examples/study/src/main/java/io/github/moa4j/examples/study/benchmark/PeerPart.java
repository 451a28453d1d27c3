package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** This library and llama.cpp on the same weights, by turns. */
final class PeerPart {

  private static final String OTHER = "llama.";

  private PeerPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Beside llama.cpp (tokens/s)",
            "shape",
            "format",
            "measurement",
            "this library",
            "llama.cpp",
            "ratio");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        measure(setting, shape, format, table);
      }
    }
  }

  private static void measure(
      Setting setting, Shape shape, WeightFormat format, MarkdownTable table) {
    try (MeasuringProcess ours = setting.serving(shape, format);
        MeasuringProcess theirs = setting.llama(shape, format)) {
      Turns turns = new Turns();
      for (String measurement : names().keySet()) {
        turns.with(measurement, ours, measurement).with(OTHER + measurement, theirs, measurement);
      }
      Map<String, Double> medians = turns.medians(setting.runs());
      names()
          .forEach(
              (measurement, title) -> {
                double own = medians.get(measurement);
                double other = medians.get(OTHER + measurement);
                table.row(shape, format, title, own, other, own / other);
              });
    }
  }

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(ServingSpeed.DECODE, "decoding, one sequence");
    names.put(ServingSpeed.EIGHT, "decoding, eight sequences");
    names.put(ServingSpeed.PREFILL, "prefill, 512 tokens");
    return names;
  }
}
