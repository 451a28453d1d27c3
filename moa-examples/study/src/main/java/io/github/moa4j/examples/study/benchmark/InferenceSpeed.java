package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.ComputeType;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.examples.study.process.ChildJvm;
import java.nio.file.Path;

/** Prefill and decoding in f32 and bf16 by turns, and the machine beside. */
public final class InferenceSpeed {

  private InferenceSpeed() {}

  /** Arguments: checkpoint directory, number of runs. */
  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    int runs = Integer.parseInt(args[1]);
    try (BaseModel full = BaseModel.load(directory, ComputeType.F32);
        BaseModel half = BaseModel.load(directory, ComputeType.BF16);
        Machine machine = new Machine(full.unwrap(Decoder.class).newScope())) {
      Samples read = new Samples();
      Speeds fullSpeeds = new Speeds(new Decoding(full));
      Speeds halfSpeeds = new Speeds(new Decoding(half));
      for (int run = 0; run < runs; run++) {
        read.add(machine::read);
        fullSpeeds.measure();
        halfSpeeds.measure();
      }
      ChildJvm.report("read", read.median());
      fullSpeeds.report("F32");
      halfSpeeds.report("BF16");
    }
  }

  private static final class Speeds {

    private final Decoding decoding;
    private final Samples prefill = new Samples();
    private final Samples decode = new Samples();

    Speeds(Decoding decoding) {
      this.decoding = decoding;
      decoding.prefill();
    }

    void measure() {
      prefill.add(decoding::prefill);
      decode.add(decoding::decode);
    }

    void report(String type) {
      ChildJvm.report(type + ".prefill", prefill.median());
      ChildJvm.report(type + ".decode", decode.median());
    }
  }
}
