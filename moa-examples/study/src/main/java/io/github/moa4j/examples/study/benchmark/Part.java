package io.github.moa4j.examples.study.benchmark;

/** A question to the machine, which ends in a table. */
public enum Part {
  /** Decoding and prefill beside llama.cpp. */
  PEER,
  /** What adapters cost. */
  ADAPTERS,
  /** Memory and loading. */
  MEMORY,
  /** Training beside the machine's matrix product. */
  TRAINING;

  /** Measures and prints. */
  public void measure(Setting setting) {
    switch (this) {
      case PEER -> PeerPart.measure(setting);
      case ADAPTERS -> AdapterPart.measure(setting);
      case MEMORY -> MemoryPart.measure(setting);
      case TRAINING -> TrainingPart.measure(setting);
    }
  }
}
