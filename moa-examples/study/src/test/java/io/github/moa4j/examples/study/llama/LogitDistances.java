package io.github.moa4j.examples.study.llama;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.TokenBatch;
import io.github.moa4j.examples.study.gguf.GgufConversion;
import io.github.moa4j.examples.study.gguf.TensorType;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How far llama.cpp's logits of a converted checkpoint are from this library's in f32, for each
 * type: in a process of its own, since the two bring one library of threads each.
 */
public final class LogitDistances {

  private static final int[] TOKENS = {5, 17, 300, 42, 256, 7, 99};

  private LogitDistances() {}

  /** Arguments: checkpoint directory. */
  public static void main(String[] args) {
    Path base = Path.of(args[0]);
    float[] expected = expectedLogits(base);
    for (TensorType type : TensorType.values()) {
      Path file = base.resolve(type + ".gguf");
      GgufConversion.write(base, type, file);
      try (LlamaModel model = LlamaModel.open(file, expected.length);
          LlamaContext context = model.context(2, 512)) {
        context.append(List.of(new int[] {1, 2, 3, 4, 5}, Arrays.copyOf(TOKENS, 5)), 0);
        context.append(List.of(new int[] {6, 7}, Arrays.copyOfRange(TOKENS, 5, 7)), 5);
        ChildJvm.report(type.name(), distance(context.lastLogits(), expected));
      }
    }
  }

  private static float[] expectedLogits(Path base) {
    try (BaseModel model = BaseModel.load(base, WeightFormat.F32)) {
      Decoder decoder = model.unwrap(Decoder.class);
      try (var scope = decoder.newScope()) {
        float[] all =
            decoder
                .logits(scope, TokenBatch.of(List.of(TOKENS)), List.of(AdapterChoice.base()))
                .toFloatArray();
        return Arrays.copyOfRange(all, all.length - model.vocabSize(), all.length);
      }
    }
  }

  /** Root of the squared distance, relative to the length of what was expected. */
  private static double distance(float[] logits, float[] expected) {
    double squares = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += Math.pow(logits[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    return Math.sqrt(squares / length);
  }
}
