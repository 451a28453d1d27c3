package io.github.moa4j.core.store;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A mixture on disk: the adapters of one base and the router that chooses among them.
 *
 * <pre>
 * moa.json                      the committed state
 * adapters/DOMAIN/v0001/        a PEFT directory, provenance.json, and whatever its writer adds
 * router/v0001/                 the router's files
 * .lock                         the writers' lock
 * </pre>
 *
 * <p><b>Commits.</b> A version is written and forced to the disk in a folder of the mixture whose
 * name begins with {@code .writing-}. When all of a commit are whole they get their final names,
 * and {@code moa.json} is replaced atomically, which is the only commit point: a crash at any
 * instant leaves the old state or the new one, whole. The content of a version's folder never
 * changes after its commit, and a version number is never given twice, not even after its domain
 * was removed or its writer died.
 *
 * <p><b>Writers</b> take a lock for the time of one commit, so there is one at a time among all
 * threads and processes of the machine; others wait for a set time. <b>Readers</b> take no lock and
 * are never blocked.
 *
 * <p><b>What it costs.</b> A commit looks at {@code moa.json} and at the folders of the domains
 * that it changes; opening looks at {@code moa.json}. No folder of another domain is looked into.
 *
 * <p><b>What is deleted.</b> {@link #open} and every commit delete unfinished work, known by its
 * name, under the lock and before anything is written. Replaced versions are kept, the last few of
 * each domain ({@link MixtureChange#keepVersions}). Those beyond, and removed ones, stay for {@link
 * #RETENTION}, since a reader may just have learnt their path, and are deleted by the first commit
 * after that; {@link #removeRetired} does it at once. Everything else is left alone: whole versions
 * that {@code moa.json} does not mention, as after it was restored from a copy, are listed by
 * {@link #unlisted}. Symbolic links are never followed; a version behind one or with one in it is
 * refused. The path to the mixture itself may lead through links.
 *
 * <p>Thread-safe. Holds no resources.
 */
public final class MixtureDirectory {

  /** How long the files of a version that is no longer kept stay for those who are reading them. */
  public static final Duration RETENTION = Duration.ofMinutes(15);

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);
  private static final int READ_ATTEMPTS = 5;

  private final Path directory;
  private final ManifestFile manifest;
  private final MixtureWriter writer;
  private final VersionFiles files;

  MixtureDirectory(Path directory, Duration lockTimeout, Clock clock) {
    this.directory = directory.toAbsolutePath().normalize();
    this.manifest = new ManifestFile(this.directory);
    this.files = VersionFiles.PLAIN;
    this.writer = new MixtureWriter(this.directory, manifest, lockTimeout, clock, files);
  }

  private MixtureDirectory(MixtureDirectory same, VersionFiles files) {
    this.directory = same.directory;
    this.manifest = same.manifest;
    this.files = files;
    this.writer = same.writer.with(files);
  }

  /**
   * Creates a mixture without domains, in a folder that is created if it is missing.
   *
   * @param base where the base is, its folder or a name. Of a folder the path from the mixture on
   *     is stored, or the name of the repository if it is in a cache of the hub
   * @throws MixtureException if there is a mixture already
   */
  public static MixtureDirectory create(Path directory, String baseFingerprint, String base) {
    return create(directory, baseFingerprint, Optional.of(base));
  }

  /** Creates a mixture without domains that does not say where its base is. */
  public static MixtureDirectory create(Path directory, String baseFingerprint) {
    return create(directory, baseFingerprint, Optional.empty());
  }

  private static MixtureDirectory create(
      Path directory, String baseFingerprint, Optional<String> base) {
    MixtureDirectory mixture = new MixtureDirectory(directory, LOCK_TIMEOUT, Clock.systemUTC());
    mixture.writer.create(baseFingerprint, base);
    return mixture;
  }

  /** Opens a mixture; its writers wait up to 30 seconds for each other. */
  public static MixtureDirectory open(Path directory) {
    return open(directory, LOCK_TIMEOUT);
  }

  /**
   * Opens a mixture.
   *
   * @param lockTimeout how long commits wait for another writer; zero for not at all
   * @throws MixtureException if {@code moa.json} is missing, damaged or of a newer format
   */
  public static MixtureDirectory open(Path directory, Duration lockTimeout) {
    MixtureDirectory mixture = new MixtureDirectory(directory, lockTimeout, Clock.systemUTC());
    mixture.writer.cleanIfFree();
    return mixture;
  }

  /**
   * Returns the same mixture; what is written through it is signed, every version as a whole under
   * its place, such as {@code adapters/sql/v0003}.
   */
  public MixtureDirectory signing(SigningKey key) {
    return new MixtureDirectory(
        this, new VersionFiles(Optional.of(key), files.signatures(), files.encryption()));
  }

  /**
   * Returns the same mixture; adapters and routers are read through it ({@link #readAdapter},
   * {@link #readRouter}) as the policy allows.
   */
  public MixtureDirectory verifying(SignaturePolicy policy) {
    return new MixtureDirectory(this, new VersionFiles(files.signer(), policy, files.encryption()));
  }

  /**
   * Returns the same mixture; adapters and routers are written through it as the encryption says,
   * and read with its keys. Signatures are over what lies on the disk.
   */
  public MixtureDirectory encrypted(Encryption encryption) {
    return new MixtureDirectory(
        this, new VersionFiles(files.signer(), files.signatures(), encryption));
  }

  /** Returns the mixture directory, as an absolute path. */
  public Path directory() {
    return directory;
  }

  /**
   * Reads the state that is committed now, whoever committed it.
   *
   * @throws MixtureException if {@code moa.json} is missing, damaged or of a newer format
   */
  public MixtureState state() {
    return manifest.read().state();
  }

  /** Returns the folder of a domain's adapter in the state committed now. */
  public Path adapterDirectory(String domain) {
    return state().adapterDirectory(domain);
  }

  /**
   * Returns the folder of one version of a domain's adapter, whether it is there or not.
   *
   * @throws MixtureException if a symbolic link leads to the folder or lies in it
   */
  public Path adapterDirectory(String domain, int version) {
    return VersionFolder.adapter(domain, version).realUnder(directory);
  }

  /** Tells whether the folder of one version of a domain's adapter is there. */
  public boolean hasAdapter(String domain, int version) {
    return VersionFolder.isFolder(VersionFolder.adapter(domain, version).under(directory));
  }

  /**
   * Reads one version of a domain's adapter, after its signature was checked if signatures are
   * asked for.
   *
   * @param reader gets the folder, or a copy of what was checked in it; keeps no path
   * @throws io.github.moa4j.core.signing.SigningException if it is not signed as it should be
   * @throws EncryptionException if it cannot be decrypted
   * @throws MixtureException if a symbolic link leads to the folder or lies in it
   */
  public <T> T readAdapter(String domain, int version, Function<Path, T> reader) {
    return files.read(directory, VersionFolder.adapter(domain, version), reader);
  }

  /** Reads one version of the router, as {@link #readAdapter} does; it throws the same. */
  public <T> T readRouter(int version, Function<Path, T> reader) {
    return files.read(directory, VersionFolder.router(version), reader);
  }

  /** Reads one file of a version as {@link #readAdapter} does all; empty if there is none. */
  public <T> Optional<T> readAdapterFile(
      String domain, int version, String name, Function<Path, T> reader) {
    return files.readFile(directory, VersionFolder.adapter(domain, version), name, reader);
  }

  /** Reads one file of a router as {@link #readRouter} does all; empty if there is none. */
  public <T> Optional<T> readRouterFile(int version, String name, Function<Path, T> reader) {
    return files.readFile(directory, VersionFolder.router(version), name, reader);
  }

  /**
   * Returns what one version of a domain's adapter was trained on, whoever signed it; empty if
   * nobody knows. It throws what {@link #readAdapter} does, but for signatures.
   */
  public Optional<Provenance> provenance(String domain, int version) {
    return files.provenance(directory, VersionFolder.adapter(domain, version));
  }

  /**
   * Reads files of one committed state: adapters and the router that belong together. If a commit
   * removed a folder of that state meanwhile, reads again from the newer state.
   *
   * @param reader reads from the folders that the state names; may be called more than once
   */
  public <T> T read(Function<MixtureState, T> reader) {
    MixtureState state = state();
    for (int attempt = 1; ; attempt++) {
      try {
        return reader.apply(state);
      } catch (RuntimeException e) {
        MixtureState newer = state();
        if (newer.equals(state) || attempt == READ_ATTEMPTS) {
          throw e;
        }
        state = newer;
      }
    }
  }

  /**
   * Makes several changes in one commit, so that a new domain and the router that knows it appear
   * together. If the function throws, nothing is changed. Unfinished work of writers that died is
   * deleted first, so that its space can be used.
   *
   * @param changes makes the changes; must not start another commit
   * @return the state after the commit
   * @throws MixtureException if another writer does not finish in time, or the disk is full or
   *     cannot be written to
   */
  public MixtureState commit(Consumer<MixtureChange> changes) {
    return writer.commit(changes);
  }

  /** Adds a domain in a commit of its own; see {@link MixtureChange#addDomain}. */
  public MixtureState addDomain(String domain, Consumer<Path> writer) {
    return commit(change -> change.addDomain(domain, writer));
  }

  /** Replaces an adapter in a commit of its own; see {@link MixtureChange#replaceDomain}. */
  public MixtureState replaceDomain(String domain, Consumer<Path> writer) {
    return commit(change -> change.replaceDomain(domain, writer));
  }

  /** Activates a version in a commit of its own; see {@link MixtureChange#activate}. */
  public MixtureState activate(String domain, int version) {
    return commit(change -> change.activate(domain, version));
  }

  /** Sets how many are kept in a commit of its own; see {@link MixtureChange#keepVersions}. */
  public MixtureState keepVersions(int most) {
    return commit(change -> change.keepVersions(most));
  }

  /**
   * Lists the active version of a domain's adapter and those that are kept, the highest first.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if there is no such domain
   */
  public List<AdapterVersion> versions(String domain) {
    return AdapterVersion.all(manifest.read(), domain, files);
  }

  /** Returns the version that was active before the present one; empty if none is kept. */
  public OptionalInt previousVersion(String domain) {
    return manifest.read().previousVersion(domain);
  }

  /** Tells whether a version of a domain's adapter is active or kept. */
  public boolean isKept(String domain, int version) {
    return manifest.read().names(VersionFolder.adapter(domain, version));
  }

  /** Removes a domain in a commit of its own; see {@link MixtureChange#removeDomain}. */
  public MixtureState removeDomain(String domain) {
    return commit(change -> change.removeDomain(domain));
  }

  /** Pins an adapter in a commit of its own; see {@link MixtureChange#pinDomain}. */
  public MixtureState pinDomain(String domain) {
    return commit(change -> change.pinDomain(domain));
  }

  /** Sets the router in a commit of its own; see {@link MixtureChange#setRouter}. */
  public MixtureState setRouter(Consumer<Path> writer) {
    return commit(change -> change.setRouter(writer));
  }

  /** Sets what prompts are rendered with; see {@link MixtureChange#setPrompts}. */
  public MixtureState setPrompts(PromptSettings settings) {
    return commit(change -> change.setPrompts(settings));
  }

  /**
   * Removes the files of all versions now that are no longer kept. For when nobody else is reading
   * the mixture, or disk space matters more: readers of these versions fail or read again.
   *
   * @throws MixtureException if another writer does not finish in time
   */
  public void removeRetired() {
    writer.removeRetired();
  }

  /**
   * Lists the whole versions that the mixture does not mention, such as those that were committed
   * after a {@code moa.json} that was restored from a copy. What another process is committing at
   * this instant may be among them.
   *
   * @throws MixtureException if the mixture cannot be read
   */
  public List<UnlistedVersion> unlisted() {
    try {
      Leftovers found = Leftovers.everywhere(directory);
      return found.unlisted(manifest.read()).stream()
          .map(folder -> UnlistedVersion.of(folder, directory))
          .toList();
    } catch (IOException e) {
      throw new MixtureException(
          "Cannot read the mixture in " + directory + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * Deletes versions that the mixture does not mention. Their numbers are not given again.
   *
   * @param versions some of those that {@link #unlisted} returned
   * @throws MixtureException if the mixture mentions one of them by now, one cannot be deleted, or
   *     another writer does not finish in time
   */
  public void removeUnlisted(Collection<UnlistedVersion> versions) {
    writer.removeUnlisted(versions);
  }
}
