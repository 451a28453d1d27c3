package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.util.Map;

/** What adapters cost in decoding. */
final class AdapterPart {

  private AdapterPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Adapters of rank 8 on all maps (tokens/s)",
            "shape",
            "format",
            "one, base alone",
            "one, adapter",
            "ratio",
            "eight, base alone",
            "eight, same adapter",
            "eight, eight adapters",
            "eight adapters / same");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        Map<String, Double> medians = medians(setting, shape, format);
        double base = medians.get(ServingSpeed.DECODE);
        double adapter = medians.get(ServingSpeed.ADAPTER);
        double same = medians.get(ServingSpeed.SAME_ADAPTER);
        double own = medians.get(ServingSpeed.OWN_ADAPTERS);
        table.row(
            shape,
            format,
            base,
            adapter,
            adapter / base,
            medians.get(ServingSpeed.EIGHT),
            same,
            own,
            own / same);
      }
    }
  }

  private static Map<String, Double> medians(Setting setting, Shape shape, WeightFormat format) {
    try (MeasuringProcess serving = setting.serving(shape, format)) {
      return new Turns()
          .with(ServingSpeed.DECODE, serving, ServingSpeed.DECODE)
          .with(ServingSpeed.ADAPTER, serving, ServingSpeed.ADAPTER)
          .with(ServingSpeed.EIGHT, serving, ServingSpeed.EIGHT)
          .with(ServingSpeed.SAME_ADAPTER, serving, ServingSpeed.SAME_ADAPTER)
          .with(ServingSpeed.OWN_ADAPTERS, serving, ServingSpeed.OWN_ADAPTERS)
          .medians(setting.runs());
    }
  }
}
