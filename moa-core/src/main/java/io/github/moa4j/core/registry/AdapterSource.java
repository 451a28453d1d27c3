package io.github.moa4j.core.registry;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.Provenance;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Where the registry gets an adapter from, each time it has to be loaded. Immutable. */
public final class AdapterSource {

  private final Optional<LoraAdapter> loaded;
  private final Optional<String> baseFingerprint;
  private final Supplier<LoraAdapter> supplier;

  private AdapterSource(
      Optional<LoraAdapter> loaded,
      Optional<String> baseFingerprint,
      Supplier<LoraAdapter> supplier) {
    this.loaded = loaded;
    this.baseFingerprint = Objects.requireNonNull(baseFingerprint, "baseFingerprint");
    this.supplier = supplier;
  }

  /**
   * An adapter in host memory, where the registry keeps it. Its shapes are checked when it is
   * added.
   *
   * @param baseFingerprint of the base it was trained on
   */
  public static AdapterSource of(LoraAdapter adapter, String baseFingerprint) {
    return new AdapterSource(Optional.of(adapter), Optional.of(baseFingerprint), () -> adapter);
  }

  /** An adapter in host memory of which nobody knows the base; only its shapes are checked. */
  public static AdapterSource unverified(LoraAdapter adapter) {
    return new AdapterSource(Optional.of(adapter), Optional.empty(), () -> adapter);
  }

  /**
   * A PEFT directory, read whenever the adapter has to be loaded. If a {@code provenance.json}
   * beside it names its base, that is checked when it is added.
   *
   * @throws MixtureException if the provenance is damaged
   */
  public static AdapterSource directory(Path directory) {
    return new AdapterSource(
        Optional.empty(),
        Provenance.read(directory).map(Provenance::baseFingerprint),
        () -> PeftFormat.read(directory));
  }

  /**
   * One version of a mixture's adapter, read whenever it has to be loaded, as the mixture's policy
   * of signatures allows. Its {@code provenance.json} names its base before anything is loaded, and
   * must name the same when it is.
   *
   * @throws MixtureException if the provenance is damaged
   */
  static AdapterSource version(MixtureDirectory mixture, String domain, int version) {
    Path folder = mixture.adapterDirectory(domain, version);
    Optional<String> base = mixture.provenance(domain, version).map(Provenance::baseFingerprint);
    return new AdapterSource(
        Optional.empty(),
        base,
        () -> mixture.readAdapter(domain, version, verified -> read(verified, base, folder)));
  }

  private static LoraAdapter read(Path verified, Optional<String> base, Path folder) {
    if (!Provenance.read(verified).map(Provenance::baseFingerprint).equals(base)) {
      throw new MixtureException(folder + " was changed while it was read. Read it again.");
    }
    return PeftFormat.read(verified);
  }

  /**
   * An adapter that is made when it is needed.
   *
   * @param baseFingerprint of the base it was trained on, checked when it is added
   * @param supplier called again if the adapter was evicted; thread-safe
   */
  public static AdapterSource lazy(String baseFingerprint, Supplier<LoraAdapter> supplier) {
    return new AdapterSource(Optional.empty(), Optional.of(baseFingerprint), supplier);
  }

  /** An adapter that is made when it is needed, and of which nobody knows the base. */
  public static AdapterSource unverifiedLazy(Supplier<LoraAdapter> supplier) {
    return new AdapterSource(Optional.empty(), Optional.empty(), supplier);
  }

  Optional<String> baseFingerprint() {
    return baseFingerprint;
  }

  /** Returns the adapter if that costs nothing. */
  Optional<LoraAdapter> loaded() {
    return loaded;
  }

  LoraAdapter load() {
    return supplier.get();
  }
}
