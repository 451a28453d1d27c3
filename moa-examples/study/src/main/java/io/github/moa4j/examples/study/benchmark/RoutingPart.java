package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.benchmark.RoutingSpeed.Mode;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What routing adds to the time to the first token. */
final class RoutingPart {

  private RoutingPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Time to the first token, eight domains (ms)",
            "shape",
            "format",
            "the domain is",
            "prompt of 256 tokens",
            "of named",
            "new conversation of 1,000 tokens",
            "next question in it");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        measure(setting, shape, format, table);
      }
    }
  }

  private static void measure(
      Setting setting, Shape shape, WeightFormat format, MarkdownTable table) {
    Path base = Setting.answering(setting.directory(), shape);
    Map<Mode, MeasuringProcess> processes = new EnumMap<>(Mode.class);
    try {
      Turns turns = new Turns();
      for (Mode mode : Mode.values()) {
        List<String> arguments = List.of(base.toString(), format.name(), mode.name());
        MeasuringProcess process = MeasuringProcess.start(List.of(), RoutingSpeed.class, arguments);
        processes.put(mode, process);
        for (String measurement :
            List.of(
                RoutingSpeed.FIRST_TOKEN,
                RoutingSpeed.NEW_CONVERSATION,
                RoutingSpeed.NEXT_QUESTION)) {
          turns.with(mode + measurement, process, measurement);
        }
      }
      Map<String, Double> medians = turns.medians(setting.runs());
      for (Mode mode : Mode.values()) {
        Mode named = mode.activated() ? Mode.NAMED_ACTIVATED : Mode.NAMED;
        double seconds = medians.get(mode + RoutingSpeed.FIRST_TOKEN);
        table.row(
            shape,
            format,
            mode.title(),
            1e3 * seconds,
            seconds / medians.get(named + RoutingSpeed.FIRST_TOKEN),
            1e3 * medians.get(mode + RoutingSpeed.NEW_CONVERSATION),
            1e3 * medians.get(mode + RoutingSpeed.NEXT_QUESTION));
      }
    } finally {
      processes.values().forEach(MeasuringProcess::close);
    }
  }
}
