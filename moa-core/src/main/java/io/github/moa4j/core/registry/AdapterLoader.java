package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import java.io.UncheckedIOException;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Brings adapters from where they come from into the engine's memory, and refuses those that do not
 * belong to the base or do not fit it. Every error names the domain.
 *
 * @param baseFingerprint of the base
 * @param model the shape of the base
 * @param size the bytes that an adapter will take in the engine's memory
 * @param engine brings an adapter into the engine's memory
 */
record AdapterLoader(
    String baseFingerprint,
    ModelConfig model,
    ToLongFunction<LoraAdapter> size,
    Function<LoraAdapter, AppliedLora> engine) {

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

  private static LoraAdapter read(String domain, AdapterSource source) {
    try {
      return source.load();
    } catch (MoaException | UncheckedIOException e) {
      throw new AdapterException("Adapter for domain '" + domain + "': " + e.getMessage(), e);
    }
  }

  /** Returns an adapter that is checked and knows its size, and can be loaded. */
  Loadable<LoadedAdapter> open(String domain, AdapterSource source) {
    checkBase(domain, source);
    LoraAdapter adapter = read(domain, source);
    checkFits(domain, adapter);
    return new Opened(domain, adapter);
  }

  private final class Opened implements Loadable<LoadedAdapter> {

    private final String domain;
    private final LoraAdapter adapter;

    Opened(String domain, LoraAdapter adapter) {
      this.domain = domain;
      this.adapter = adapter;
    }

    @Override
    public long sizeInBytes() {
      return size.applyAsLong(adapter);
    }

    @Override
    public LoadedAdapter load() {
      AdapterLoadEvent event = new AdapterLoadEvent();
      event.begin();
      try {
        AppliedLora weights = engine.apply(adapter);
        event.domain = domain;
        event.size = weights.sizeInBytes();
        event.commit();
        return new LoadedAdapter(adapter.config(), weights);
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
}
