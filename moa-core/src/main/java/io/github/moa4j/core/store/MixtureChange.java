package io.github.moa4j.core.store;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.AdapterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

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

  private final WriteLock lock;
  private final MixtureManifest before;
  private final Instant now;
  private final VersionFiles files;
  private final Map<String, MixtureState.Domain> domains;
  private final Map<String, Integer> lastVersions;
  private final Map<VersionFolder, Instant> retired;
  private KeptVersions kept;
  private final List<VersionFolder> written = new ArrayList<>();
  private OptionalInt routerVersion;
  private int lastRouterVersion;
  private PromptSettings prompts;
  private boolean open = true;

  MixtureChange(WriteLock lock, MixtureManifest before, Instant now, VersionFiles files) {
    this.lock = lock;
    this.before = before;
    this.now = now;
    this.files = files;
    this.domains = new LinkedHashMap<>(before.state().domains());
    this.lastVersions = new LinkedHashMap<>(before.lastVersions());
    this.retired = new LinkedHashMap<>(before.retired());
    this.kept = before.kept();
    this.routerVersion = before.state().routerVersion();
    this.lastRouterVersion = before.lastRouterVersion();
    this.prompts = before.state().prompts();
  }

  /** Returns the state that this commit changes. Nobody else changes it meanwhile. */
  public MixtureState state() {
    return before.state();
  }

  /**
   * Adds a domain.
   *
   * @param domain a name as {@link DomainNames#check} asks for
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
   * Gives a domain a new adapter. The one that it had is kept, see {@link #keepVersions}.
   *
   * @param writer writes the adapter, a PEFT directory, and whatever belongs to it
   * @throws AdapterException if there is no such domain, or the adapter's provenance names another
   *     base
   */
  public void replaceDomain(String domain, Consumer<Path> writer) {
    MixtureState.Domain old = existing(domain);
    writeDomain(domain, writer);
    keep(domain, old);
  }

  /**
   * Lets requests have a version of a domain's adapter again that is kept, as to undo a training.
   * The version that was active is kept. The router stays as it is: what it knows of a domain are
   * the domain's prompts, whichever of its adapters answers them.
   *
   * @throws AdapterException if there is no such domain, or the version is not kept
   * @throws MixtureException if its files are missing or behind a link
   */
  public void activate(String domain, int version) {
    MixtureState.Domain old = existing(domain);
    if (old.version() == version) {
      return;
    }
    MixtureState.Domain again = kept.get(state().directory(), domain, version, old.version());
    VersionFolder folder = VersionFolder.adapter(domain, version);
    folder.checkThere(state().directory());
    kept = kept.without(folder);
    domains.put(domain, again);
    keep(domain, old);
  }

  /**
   * Removes a version that is kept beside the active one, so that it cannot be activated again.
   *
   * @throws AdapterException if there is no such domain, or the version is not kept
   */
  public void removeVersion(String domain, int version) {
    kept.get(state().directory(), domain, version, existing(domain).version());
    retire(VersionFolder.adapter(domain, version));
  }

  /**
   * Sets how many versions of each domain are kept beside the active one; 3 in a new mixture. What
   * was active longest ago goes first.
   *
   * @param most 0 or more
   */
  public void keepVersions(int most) {
    requireOpen();
    if (most < 0) {
      throw new IllegalArgumentException("keepVersions is " + most + ", expected 0 or more");
    }
    kept = kept.limited(most);
    domains.keySet().forEach(this::retireOldest);
  }

  /** Lets go of all versions that are kept; as many as before are kept from now on. */
  public void forgetKept() {
    requireOpen();
    domains.keySet().forEach(this::retireKept);
  }

  private void retireKept(String domain) {
    kept.of(domain).keySet().forEach(version -> retire(VersionFolder.adapter(domain, version)));
  }

  /** Gives all domains and the router new versions of the same files, signed and encrypted anew. */
  public void rewriteAll() {
    requireOpen();
    Path mixture = state().directory();
    for (Map.Entry<String, MixtureState.Domain> old : List.copyOf(domains.entrySet())) {
      VersionFolder folder = VersionFolder.adapter(old.getKey(), old.getValue().version());
      replaceDomain(old.getKey(), target -> files.copy(mixture, folder, target));
      if (old.getValue().verified()) {
        pinDomain(old.getKey());
      }
    }
    if (routerVersion.isPresent()) {
      VersionFolder folder = VersionFolder.router(routerVersion.getAsInt());
      setRouter(target -> files.copy(mixture, folder, target));
    }
  }

  private void keep(String domain, MixtureState.Domain version) {
    kept = kept.with(VersionFolder.adapter(domain, version.version()), version);
    retireOldest(domain);
  }

  private void retireOldest(String domain) {
    kept.beyondLimit(domain).forEach(this::retire);
  }

  private void retire(VersionFolder folder) {
    kept = kept.without(folder);
    retired.put(folder, now);
  }

  /**
   * Removes a domain and all its versions. A router that knows it should be set in the same commit.
   *
   * @throws AdapterException if there is no such domain
   */
  public void removeDomain(String domain) {
    MixtureState.Domain old = existing(domain);
    domains.remove(domain);
    retireKept(domain);
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
    int last = Math.max(lastRouterVersion, lastTaken(Optional.empty()));
    VersionFolder folder = VersionFolder.router(next(last, "the router"));
    write(folder, writer)
        .filter(provenance -> !provenance.baseFingerprint().equals(state().baseFingerprint()))
        .ifPresent(
            provenance -> {
              throw new MixtureException(
                  "The router belongs to the base "
                      + Failure.quote(provenance.baseFingerprint())
                      + ", the mixture in "
                      + state().directory()
                      + " to "
                      + Failure.quote(state().baseFingerprint())
                      + ".");
            });
    routerVersion.ifPresent(old -> retired.put(VersionFolder.router(old), now));
    lastRouterVersion = folder.version();
    routerVersion = OptionalInt.of(folder.version());
  }

  /** Sets what all prompts are rendered with; adapters and router should have been trained so. */
  public void setPrompts(PromptSettings settings) {
    requireOpen();
    prompts = Objects.requireNonNull(settings, "settings");
  }

  /** Refuses all further changes. */
  void close() {
    open = false;
  }

  /** Returns what to commit. */
  MixtureManifest result() {
    MixtureState state =
        new MixtureState(
            state().directory(),
            state().baseFingerprint(),
            state().base(),
            domains,
            routerVersion,
            prompts);
    return new MixtureManifest(
        state, lastVersions, lastRouterVersion, retired, kept, before.unknown());
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
    int last = Math.max(lastVersions.getOrDefault(domain, 0), lastTaken(Optional.of(domain)));
    VersionFolder folder = VersionFolder.adapter(domain, next(last, "domain '" + domain + "'"));
    Optional<Provenance> provenance = write(folder, writer);
    if (provenance.isPresent()
        && !provenance.get().baseFingerprint().equals(state().baseFingerprint())) {
      throw new AdapterException(
          "The adapter for domain '"
              + domain
              + "' was trained on the base "
              + Failure.quote(provenance.get().baseFingerprint())
              + ", the mixture in "
              + state().directory()
              + " belongs to "
              + Failure.quote(state().baseFingerprint())
              + ". Train it on this base.");
    }
    lastVersions.put(domain, folder.version());
    domains.put(domain, new MixtureState.Domain(folder.version(), provenance.isPresent(), now));
  }

  /**
   * Deletes what dead writers of earlier releases left of an adapter or the router, and returns the
   * highest number that a folder of it has or had; 0 if there is none.
   */
  private int lastTaken(Optional<String> domain) {
    try {
      Leftovers left = Leftovers.of(state().directory(), domain);
      left.deleteUnfinished(lock, before);
      return left.lastTaken();
    } catch (IOException e) {
      throw new MixtureException(
          "Cannot read the versions in "
              + VersionFolder.parentUnder(state().directory(), domain)
              + ": "
              + Failure.reason(e)
              + ".",
          e);
    }
  }

  private int next(int last, String owner) {
    if (last == Integer.MAX_VALUE) {
      throw new MixtureException(
          "There are no version numbers left for "
              + owner
              + " in "
              + state().directory()
              + ": the last one is "
              + last
              + ". Start a new mixture.");
    }
    return last + 1;
  }

  private Optional<Provenance> write(VersionFolder folder, Consumer<Path> writer) {
    folder.checkNoLink(state().directory());
    written.add(folder);
    return files.write(state().directory(), folder, writer);
  }

  /** Gives all that was written its final name, right before the commit. */
  void complete() throws IOException {
    Path mixture = state().directory();
    for (VersionFolder folder : written) {
      folder.checkNoLink(mixture);
      Files.createDirectories(folder.parentUnder(mixture));
      DurableFiles.rename(folder.writingUnder(mixture), folder.under(mixture));
    }
    for (VersionFolder folder : written) {
      for (Path up = folder.parentUnder(mixture); !up.equals(mixture); up = up.getParent()) {
        DurableFiles.syncFolder(up);
      }
    }
    DurableFiles.syncFolder(mixture);
  }

  /** Returns the folders that were begun, whatever came of them. */
  List<VersionFolder> written() {
    return written;
  }
}
