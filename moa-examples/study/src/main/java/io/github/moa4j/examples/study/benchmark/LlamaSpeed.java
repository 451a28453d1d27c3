package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.examples.study.llama.LlamaContext;
import io.github.moa4j.examples.study.llama.LlamaModel;
import io.github.moa4j.examples.study.measurement.ProcessMemory;
import io.github.moa4j.examples.study.process.Measurements;
import io.github.moa4j.examples.study.synthetic.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prefill and decoding of llama.cpp, when asked, as {@link Decoding} does it. */
public final class LlamaSpeed {

  /** Its caches grow by blocks of so many tokens. */
  private static final int CACHED = 256;

  private final LlamaModel model;
  private final int vocabulary;

  private LlamaSpeed(LlamaModel model, int vocabulary) {
    this.model = model;
    this.vocabulary = vocabulary;
  }

  /** Arguments: GGUF file, shape, and a libllama that is not the binding's. */
  public static void main(String[] args) {
    Path file = Path.of(args[0]);
    int vocabulary = Shape.of(args[1]).vocabSize();
    try (LlamaModel model =
        args.length == 2
            ? LlamaModel.open(file, vocabulary)
            : LlamaModel.open(Path.of(args[2]), file, vocabulary)) {
      LlamaSpeed speed = new LlamaSpeed(model, vocabulary);
      new Measurements()
          .with(ServingSpeed.PREFILL, speed::prefill)
          .with(ServingSpeed.DECODE, () -> speed.decode(1))
          .with(ServingSpeed.EIGHT, () -> speed.decode(ServingSpeed.SEQUENCES))
          .with(ServingMemory.PEAK, () -> ProcessMemory.peak())
          .answer();
    }
  }

  private double prefill() {
    try (LlamaContext context = model.context(1, Tokens.PREFILL)) {
      long start = System.nanoTime();
      context.append(List.of(Tokens.random(Tokens.PREFILL, vocabulary)), 0);
      return Tokens.perSecond(Tokens.PREFILL, start);
    }
  }

  private double decode(int sequences) {
    try (LlamaContext context = model.context(sequences, sequences * CACHED)) {
      context.append(batch(sequences, Tokens.PROMPT), 0);
      List<int[]> next = batch(sequences, 1);
      int position = Tokens.PROMPT;
      for (int i = 0; i < Tokens.WARM_UP; i++) {
        context.append(next, position++);
      }
      long start = System.nanoTime();
      for (int i = 0; i < Tokens.DECODED; i++) {
        context.append(next, position++);
      }
      return Tokens.perSecond(Tokens.DECODED * sequences, start);
    }
  }

  private List<int[]> batch(int sequences, int length) {
    List<int[]> tokens = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      tokens.add(Tokens.random(length, vocabulary, i));
    }
    return tokens;
  }
}
