package io.github.moa4j.core.store;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The changes of one commit, as {@link MixtureDirectory#commit} hands them out. Nobody sees any of
 * them before all of them are on the disk. Valid until the commit's function returns; not
 * thread-safe.
 *
 * <p>The writers get an empty new folder, fill it, and forget its path: from the commit on its
 * content never changes. Where a writer leaves a {@code provenance.json} ({@link Provenance}), its
 * base must be the mixture's; an adapter without one counts as unverified.
 */
public final class MixtureChange {

  private final MixtureManifest before;
  private final Instant now;
  private final Map<String, MixtureState.Domain> domains;
  private final Map<String, Integer> lastVersions;
  private final Map<VersionFolder, Instant> retired;
  private OptionalInt routerVersion;
  private int lastRouterVersion;
  private boolean open = true;

  MixtureChange(MixtureManifest before, Instant now) {
    this.before = before;
    this.now = now;
    this.domains = new LinkedHashMap<>(before.state().domains());
    this.lastVersions = new LinkedHashMap<>(before.lastVersions());
    this.retired = new LinkedHashMap<>(before.retired());
    this.routerVersion = before.state().routerVersion();
    this.lastRouterVersion = before.lastRouterVersion();
  }

  /** Returns the state that this commit changes. Nobody else changes it meanwhile. */
  public MixtureState state() {
    return before.state();
  }

  /**
   * Adds a domain.
   *
   * @param domain 1 to 64 characters out of a-z, 0-9, '_' and '-'
   * @param writer writes the adapter, a PEFT directory, and whatever belongs to it
   * @throws AdapterException if the name is not valid, the domain exists, or the adapter's
   *     provenance names another base
   */
  public void addDomain(String domain, Consumer<Path> writer) {
    DomainNames.check(domain);
    if (domains.containsKey(domain)) {
      throw new AdapterException(
          "The mixture in "
              + state().directory()
              + " already has a domain '"
              + domain
              + "'. Replace it, or choose another name.");
    }
    writeDomain(domain, writer);
  }

  /**
   * Gives a domain a new adapter.
   *
   * @param writer writes the adapter, a PEFT directory, and whatever belongs to it
   * @throws AdapterException if there is no such domain, or the adapter's provenance names another
   *     base
   */
  public void replaceDomain(String domain, Consumer<Path> writer) {
    MixtureState.Domain old = existing(domain);
    writeDomain(domain, writer);
    retired.put(VersionFolder.adapter(domain, old.version()), now);
  }

  /**
   * Removes a domain. A router that knows it should be set in the same commit.
   *
   * @throws AdapterException if there is no such domain
   */
  public void removeDomain(String domain) {
    MixtureState.Domain old = existing(domain);
    domains.remove(domain);
    retired.put(VersionFolder.adapter(domain, old.version()), now);
  }

  /**
   * Marks a domain's adapter as one of this base, on the word of the user. Its files stay as they
   * are.
   *
   * @throws AdapterException if there is no such domain
   */
  public void pinDomain(String domain) {
    MixtureState.Domain old = existing(domain);
    domains.put(domain, new MixtureState.Domain(old.version(), true, old.committed()));
  }

  /**
   * Sets the router.
   *
   * @param writer writes the router's files
   * @throws MixtureException if the router's provenance names another base
   */
  public void setRouter(Consumer<Path> writer) {
    requireOpen();
    VersionFolder folder = VersionFolder.router(lastRouterVersion + 1);
    write(folder, writer)
        .filter(provenance -> !provenance.baseFingerprint().equals(state().baseFingerprint()))
        .ifPresent(
            provenance -> {
              throw new MixtureException(
                  "The router belongs to the base "
                      + provenance.baseFingerprint()
                      + ", the mixture in "
                      + state().directory()
                      + " to "
                      + state().baseFingerprint()
                      + ".");
            });
    routerVersion.ifPresent(old -> retired.put(VersionFolder.router(old), now));
    lastRouterVersion = folder.version();
    routerVersion = OptionalInt.of(folder.version());
  }

  /** Refuses all further changes. */
  void close() {
    open = false;
  }

  /** Returns what to commit. */
  MixtureManifest result() {
    MixtureState state =
        new MixtureState(
            state().directory(), state().baseFingerprint(), state().base(), domains, routerVersion);
    return new MixtureManifest(state, lastVersions, lastRouterVersion, retired, before.unknown());
  }

  private MixtureState.Domain existing(String domain) {
    requireOpen();
    if (!domains.containsKey(domain)) {
      throw DomainNames.unknown(domain, domains.keySet());
    }
    return domains.get(domain);
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("The commit that this change belongs to has ended.");
    }
  }

  private void writeDomain(String domain, Consumer<Path> writer) {
    requireOpen();
    VersionFolder folder = VersionFolder.adapter(domain, lastVersions.getOrDefault(domain, 0) + 1);
    Optional<Provenance> provenance = write(folder, writer);
    if (provenance.isPresent()
        && !provenance.get().baseFingerprint().equals(state().baseFingerprint())) {
      throw new AdapterException(
          "The adapter for domain '"
              + domain
              + "' was trained on the base "
              + provenance.get().baseFingerprint()
              + ", the mixture in "
              + state().directory()
              + " belongs to "
              + state().baseFingerprint()
              + ". Train it on this base.");
    }
    lastVersions.put(domain, folder.version());
    domains.put(domain, new MixtureState.Domain(folder.version(), provenance.isPresent(), now));
  }

  /** Fills a new folder, forces it to the disk and returns the provenance that it holds. */
  private Optional<Provenance> write(VersionFolder folder, Consumer<Path> writer) {
    Path mixture = state().directory();
    Path path = folder.under(mixture);
    try {
      Files.createDirectories(folder.parentUnder(mixture));
      Files.createDirectory(path);
      writer.accept(path);
      try (Stream<Path> entries = Files.list(path)) {
        if (entries.findAny().isEmpty()) {
          throw new MixtureException("Nothing was written to " + path + "; nothing was changed.");
        }
      }
      Optional<Provenance> provenance = Provenance.read(path);
      DurableFiles.syncTree(path);
      for (Path up = path.getParent(); !up.equals(mixture); up = up.getParent()) {
        DurableFiles.syncFolder(up);
      }
      DurableFiles.syncFolder(mixture);
      return provenance;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
    }
  }
}
