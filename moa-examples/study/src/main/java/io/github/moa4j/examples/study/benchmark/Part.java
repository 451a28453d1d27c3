package io.github.moa4j.examples.study.benchmark;

/** A question to the machine, which ends in a table. */
public enum Part {
  /** What the machine can do. */
  LIMITS,
  /** Decoding and prefill beside llama.cpp. */
  PEER,
  /** What adapters cost. */
  ADAPTERS,
  /** Memory and loading. */
  MEMORY,
  /** Training beside the machine's matrix product. */
  TRAINING,
  /** What differential privacy costs in training. */
  PRIVACY,
  /** What signatures and encryption cost. */
  PROTECTION,
  /** What routing adds to the time to the first token. */
  ROUTING,
  /** Serving and training beside PEFT. */
  PYTHON;

  /** Measures and prints. */
  public void measure(Setting setting) {
    switch (this) {
      case LIMITS -> LimitsPart.measure(setting);
      case PEER -> PeerPart.measure(setting);
      case ADAPTERS -> AdapterPart.measure(setting);
      case MEMORY -> MemoryPart.measure(setting);
      case PRIVACY -> PrivacyPart.measure(setting);
      case PROTECTION -> ProtectionPart.measure(setting);
      case PYTHON -> PythonPart.measure(setting);
      case ROUTING -> RoutingPart.measure(setting);
      case TRAINING -> TrainingPart.measure(setting);
    }
  }
}
