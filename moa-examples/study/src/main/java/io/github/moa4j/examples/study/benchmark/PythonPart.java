package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** This library beside transformers and PEFT, by turns. */
final class PythonPart {

  private static final String SCRIPT = "peft_speed.py";
  private static final String OTHER = "python.";
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "HF_HUB_OFFLINE", "1",
          "TRANSFORMERS_VERBOSITY", "error",
          "HF_HUB_DISABLE_PROGRESS_BARS", "1",
          "PYTHONWARNINGS", "ignore");

  private PythonPart() {}

  /** Measures and prints, if there is a Python to measure. */
  static void measure(Setting setting) {
    if (setting.python() == null) {
      return;
    }
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "Beside transformers and PEFT",
            "shape",
            "format",
            "measurement",
            "this library",
            "PEFT",
            "ratio");
    for (Shape shape : setting.shapes()) {
      for (WeightFormat format : setting.formats()) {
        if (format == WeightFormat.F32 || format == WeightFormat.BF16) {
          serving(setting, shape, format, table);
          training(setting, shape, format, table);
        }
      }
    }
  }

  private static void serving(
      Setting setting, Shape shape, WeightFormat format, MarkdownTable table) {
    Map<String, String> titles = new LinkedHashMap<>();
    titles.put(ServingSpeed.PREFILL, "prefill, 512 tokens (tokens/s)");
    titles.put(ServingSpeed.DECODE, "decoding, one sequence (tokens/s)");
    titles.put(ServingSpeed.ADAPTER, "decoding, one sequence with an adapter (tokens/s)");
    titles.put(ServingSpeed.SAME_ADAPTER, "decoding, eight sequences with one adapter (tokens/s)");
    titles.put(ServingSpeed.OWN_ADAPTERS, "decoding, eight with an adapter each (tokens/s)");
    try (MeasuringProcess ours = setting.serving(shape, format);
        MeasuringProcess theirs = python(setting, shape, format)) {
      Map<String, Double> medians = byTurns(setting, titles, ours, theirs);
      print(table, shape, format, titles, medians);
    }
  }

  private static void training(
      Setting setting, Shape shape, WeightFormat format, MarkdownTable table) {
    Map<String, String> titles =
        Map.of(TrainingSpeed.TOKENS, "training, 4 x 128 tokens, rank 8 (tokens/s)");
    try (MeasuringProcess ours = setting.training(shape, format, false);
        MeasuringProcess theirs = python(setting, shape, format)) {
      Map<String, Double> medians = byTurns(setting, titles, ours, theirs);
      print(table, shape, format, titles, medians);
      double own = ours.measure(ServingMemory.PEAK) * 1e-9;
      double other = theirs.measure(ServingMemory.PEAK) * 1e-9;
      table.row(shape, format, "training, peak memory (GB)", own, other, own / other);
    }
  }

  private static Map<String, Double> byTurns(
      Setting setting, Map<String, String> titles, MeasuringProcess ours, MeasuringProcess theirs) {
    Turns turns = new Turns();
    for (String measurement : titles.keySet()) {
      turns.with(measurement, ours, measurement).with(OTHER + measurement, theirs, measurement);
    }
    return turns.medians(setting.runs());
  }

  private static void print(
      MarkdownTable table,
      Shape shape,
      WeightFormat format,
      Map<String, String> titles,
      Map<String, Double> medians) {
    titles.forEach(
        (measurement, title) -> {
          double own = medians.get(measurement);
          double other = medians.get(OTHER + measurement);
          table.row(shape, format, title, own, other, own / other);
        });
  }

  private static MeasuringProcess python(Setting setting, Shape shape, WeightFormat format) {
    Path checkpoint = setting.checkpoint(shape);
    return MeasuringProcess.start(
        SCRIPT,
        List.of(
            setting.python().toString(),
            "-c",
            script(),
            checkpoint.toString(),
            format.name().toLowerCase(Locale.ROOT),
            "" + Runtime.getRuntime().availableProcessors()),
        ENVIRONMENT);
  }

  private static String script() {
    try (InputStream script = PythonPart.class.getResourceAsStream(SCRIPT)) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MoaException("Cannot read " + SCRIPT + " of this program: " + e.getMessage(), e);
    }
  }
}
