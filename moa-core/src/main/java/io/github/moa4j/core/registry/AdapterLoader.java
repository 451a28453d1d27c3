package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * Brings adapters from where they come from into the engine's memory, and refuses those that do not
 * belong to the base or do not fit it. Every error names the domain.
 *
 * @param baseFingerprint of the base
 * @param model the shape of the base
 * @param engine copies an adapter into the engine's memory
 */
record AdapterLoader(
    String baseFingerprint, ModelConfig model, Function<LoraAdapter, AppliedLora> engine) {

  void checkBase(String domain, AdapterSource source) {
    source
        .baseFingerprint()
        .filter(fingerprint -> !fingerprint.equals(baseFingerprint))
        .ifPresent(
            fingerprint -> {
              throw new AdapterException(
                  "The adapter for domain '"
                      + domain
                      + "' was trained on the base "
                      + Failure.quote(fingerprint)
                      + ", this base is "
                      + baseFingerprint
                      + ". Train it on this base, or open the base it belongs to.");
            });
  }

  void checkFits(String domain, LoraAdapter adapter) {
    try {
      adapter.checkFits(model);
    } catch (AdapterException e) {
      throw new AdapterException("Adapter for domain '" + domain + "': " + e.getMessage(), e);
    }
  }

  static LoraAdapter read(String domain, AdapterSource source) {
    try {
      return source.load();
    } catch (MoaException | UncheckedIOException e) {
      throw new AdapterException("Adapter for domain '" + domain + "': " + e.getMessage(), e);
    }
  }

  LoadedAdapter load(String domain, AdapterSource source) {
    LoraAdapter adapter = read(domain, source);
    checkFits(domain, adapter);
    try {
      return new LoadedAdapter(adapter.config(), engine.apply(adapter));
    } catch (MoaException e) {
      throw e;
    } catch (RuntimeException e) { // the engine's own, as when its memory is exhausted
      throw new AdapterException(
          "The adapter for domain '"
              + domain
              + "' cannot be loaded into the engine's memory: "
              + e.getMessage(),
          e);
    }
  }
}
