package io.github.moa4j.examples.measurement;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;

/** An adapter that a program measures. Owns native memory. */
record LoadedAdapter(LoraConfig config, AppliedLora weights) implements AutoCloseable {

  static LoadedAdapter of(BaseModel model, LoraAdapter adapter) {
    return new LoadedAdapter(adapter.config(), model.load(adapter));
  }

  /** Where it applies to a prompt: from its beginning, or where the prompt invokes it. */
  AdapterChoice choice(int[] prompt) {
    return AdapterChoice.of(weights, config, prompt);
  }

  @Override
  public void close() {
    weights.close();
  }
}
