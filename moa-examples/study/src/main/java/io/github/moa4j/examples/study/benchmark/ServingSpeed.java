package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.examples.study.process.Measurements;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Prefill and decoding of this library, with and without adapters, when asked. */
public final class ServingSpeed {

  /** Tokens a second of a prompt. */
  static final String PREFILL = "prefill";

  /** Tokens a second of one sequence. */
  static final String DECODE = "decode";

  /** Tokens a second of eight sequences together. */
  static final String EIGHT = "eight";

  /** Tokens a second of one sequence with an adapter. */
  static final String ADAPTER = "adapter";

  /** Tokens a second of eight sequences with the same adapter. */
  static final String SAME_ADAPTER = "sameAdapter";

  /** Tokens a second of eight sequences, each with an adapter of its own. */
  static final String OWN_ADAPTERS = "ownAdapters";

  static final int SEQUENCES = 8;
  static final int RANK = 8;

  private ServingSpeed() {}

  /** Arguments: checkpoint directory, format. */
  public static void main(String[] args) {
    try (BaseModel model = BaseModel.load(Path.of(args[0]), WeightFormat.valueOf(args[1]))) {
      Decoding decoding = new Decoding(model);
      List<AdapterChoice> adapters = new ArrayList<>(); // they live as long as the process
      new Measurements()
          .with(PREFILL, decoding::prefill)
          .with(DECODE, () -> decoding.decode(List.of(AdapterChoice.base())))
          .with(EIGHT, () -> decoding.decode(eight(AdapterChoice.base())))
          .with(ADAPTER, () -> decoding.decode(loaded(model, adapters).subList(0, 1)))
          .with(SAME_ADAPTER, () -> decoding.decode(eight(loaded(model, adapters).get(0))))
          .with(OWN_ADAPTERS, () -> decoding.decode(loaded(model, adapters)))
          .answer();
    }
  }

  private static List<AdapterChoice> eight(AdapterChoice choice) {
    return Collections.nCopies(SEQUENCES, choice);
  }

  private static List<AdapterChoice> loaded(BaseModel model, List<AdapterChoice> adapters) {
    LoraConfig config = LoraConfig.of(RANK, 2.0 * RANK, Set.of(TargetModule.values()));
    while (adapters.size() < SEQUENCES) {
      AppliedLora adapter =
          model.load(LoraInitialization.random(model.config(), config, adapters.size()));
      adapters.add(AdapterChoice.of(adapter));
    }
    return adapters;
  }
}
