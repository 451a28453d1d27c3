package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.study.gguf.GgufConversion;
import io.github.moa4j.examples.study.gguf.TensorType;
import io.github.moa4j.examples.study.process.MeasuringProcess;
import io.github.moa4j.examples.study.synthetic.Shape;
import io.github.moa4j.examples.study.synthetic.SyntheticCheckpoint;
import io.github.moa4j.examples.study.synthetic.SyntheticTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is measured, and how often.
 *
 * @param directory where the checkpoints are, one folder a shape
 * @param shapes the models
 * @param formats the weights' formats
 * @param runs rounds that count
 * @param llama a libllama that is not the binding's; null for the binding's
 * @param python an interpreter that has PEFT; null if there is none
 * @param out takes the tables
 */
public record Setting(
    Path directory,
    List<Shape> shapes,
    List<WeightFormat> formats,
    int runs,
    Path llama,
    Path python,
    PrintWriter out) {

  /**
   * What an embedding application may give where memory counts: the collector that keeps least, and
   * a heap that grows with the need instead of starting at a 64th of the machine's memory.
   */
  static final List<String> SMALL_HEAP = List.of("-Xms16m", "-Xmx256m", "-XX:+UseSerialGC");

  /** Returns the folder of a shape's checkpoint, which is written if it is not there. */
  Path checkpoint(Shape shape) {
    return checkpoint(directory, shape);
  }

  /** Returns the folder of a shape's checkpoint with a tokenizer, written if it is not there. */
  public static Path answering(Path directory, Shape shape) {
    Path checkpoint = checkpoint(directory, shape);
    SyntheticTokenizer.write(checkpoint, shape);
    return checkpoint;
  }

  private static Path checkpoint(Path directory, Shape shape) {
    Path checkpoint = directory.resolve(shape.toString());
    try {
      Files.createDirectories(checkpoint);
    } catch (IOException e) {
      throw new MoaException("Cannot make " + checkpoint + ": " + Failure.reason(e) + ".", e);
    }
    SyntheticCheckpoint.write(checkpoint, shape);
    return checkpoint;
  }

  /** Returns a shape's GGUF file, which is written if it is not there. */
  Path gguf(Shape shape, WeightFormat format) {
    Path file = checkpoint(shape).resolve(peer(format).name().toLowerCase(Locale.ROOT) + ".gguf");
    if (!Files.exists(file)) {
      GgufConversion.write(checkpoint(shape), peer(format), file);
    }
    return file;
  }

  /** What is next to a format in llama.cpp. */
  private static TensorType peer(WeightFormat format) {
    return switch (format) {
      case F32 -> TensorType.F32;
      case BF16 -> TensorType.BF16;
      case INT8 -> TensorType.Q8_0;
      case INT4 -> TensorType.Q4_0;
    };
  }

  MeasuringProcess serving(Shape shape, WeightFormat format) {
    return MeasuringProcess.start(
        List.of(), ServingSpeed.class, List.of(checkpoint(shape).toString(), format.name()));
  }

  MeasuringProcess training(Shape shape, WeightFormat format, boolean checkpointing) {
    return training(checkpoint(shape), format, checkpointing);
  }

  /** Training on the base that comes along. */
  MeasuringProcess embeddedTraining(WeightFormat format) {
    return training(EmbeddedBase.extractTo(directory.resolve("embedded")), format, false);
  }

  private static MeasuringProcess training(
      Path checkpoint, WeightFormat format, boolean checkpointing) {
    return MeasuringProcess.start(
        SMALL_HEAP,
        TrainingSpeed.class,
        List.of(checkpoint.toString(), format.name(), "" + checkpointing));
  }

  MeasuringProcess llama(Shape shape, WeightFormat format) {
    List<String> arguments = new ArrayList<>();
    arguments.add(gguf(shape, format).toString());
    arguments.add(shape.toString());
    if (llama != null) {
      arguments.add(llama.toString());
    }
    return MeasuringProcess.start(List.of(), LlamaSpeed.class, arguments);
  }
}
