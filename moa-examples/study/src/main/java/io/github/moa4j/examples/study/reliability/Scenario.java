package io.github.moa4j.examples.study.reliability;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.UnlistedVersion;
import io.github.moa4j.examples.study.reliability.disk.DiskImage;
import io.github.moa4j.examples.study.reliability.disk.Faults;
import io.github.moa4j.examples.study.reliability.disk.WatchedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One change of each kind, made in a mixture that has some history, on a disk of which anything may
 * fail: what is left must be the state before or behind it, whole, and the next change must succeed
 * and leave nothing else.
 *
 * @param before the mixture before the change
 * @param change what is done
 */
record Scenario(DiskImage before, Change change, SigningKey key, int mostBytes) {

  private static final int HISTORY = 12;

  /**
   * Prepares a change of a kind.
   *
   * @param folder for the mixture, does not exist yet, and is gone again when this returns
   */
  static Scenario of(Change.Kind kind, Path folder, SigningKey key, int mostBytes)
      throws IOException {
    Path root = WatchedDisk.folder(folder, Faults.none()); // which forces nothing: that takes time
    MixtureDirectory mixture = MixtureDirectory.create(root, "a base").signing(key);
    Expected expected = new Expected();
    while (true) {
      Change next = expected.next();
      if (next.number() > HISTORY && next.kind() == kind) {
        Scenario scenario = new Scenario(DiskImage.of(folder), next, key, mostBytes);
        DurableFiles.deleteTree(folder);
        return scenario;
      }
      mixture.commit(change -> next.apply(mixture, change, mostBytes));
      expected.after(next.number());
    }
  }

  /**
   * Makes the change on a copy of the mixture.
   *
   * @param copy does not exist yet
   * @return whether it was said to be committed
   */
  boolean run(Path copy, Faults faults) throws IOException {
    before.writeTo(copy);
    Path root = WatchedDisk.folder(copy, faults);
    try {
      MixtureDirectory mixture = MixtureDirectory.open(root, Duration.ZERO).signing(key);
      mixture.commit(made -> change.apply(mixture, made, mostBytes));
      return true;
    } catch (MoaException e) {
      return false;
    }
  }

  /**
   * Looks at what is left, and goes on from there.
   *
   * @param said whether the change was said to be committed
   * @throws MoaException if it is not as it should be
   */
  void check(Path left, boolean said) throws IOException {
    MixtureDirectory mixture =
        MixtureDirectory.open(WatchedDisk.folder(left, Faults.none()), Duration.ZERO)
            .verifying(SignaturePolicy.require(List.of(key.publicKey())));
    int number = Change.last(mixture.state());
    if (number != change.number() && (said || number != change.number() - 1)) {
      throw new MoaException("the last change is " + number);
    }
    checkLabels(mixture, new Expected().after(number));
    Change next = new Expected().after(number).next();
    MixtureDirectory signing = mixture.signing(key);
    signing.commit(made -> next.apply(signing, made, mostBytes));
    checkLabels(mixture, new Expected().after(next.number()));
    List<UnlistedVersion> unlisted = mixture.unlisted();
    unlisted.forEach(version -> SealedFolder.labelOf(version.directory()));
    mixture.removeUnlisted(unlisted);
    mixture.removeRetired();
    Set<String> folders = folders(left);
    Set<String> named = named(mixture);
    if (!folders.equals(named)) {
      throw new MoaException("the folders are " + folders + ", expected " + named);
    }
  }

  private static void checkLabels(MixtureDirectory mixture, Expected expected) {
    MixtureState state = mixture.state();
    Map<String, String> found = Expected.labels(mixture, state);
    if (!found.equals(expected.labels())) {
      throw new MoaException("it holds " + found + ", expected " + expected.labels());
    }
    for (String domain : state.domains().keySet()) {
      List<String> kept = Expected.keptLabels(mixture, domain);
      if (!kept.equals(expected.keptLabels(domain))) {
        throw new MoaException(
            domain + " keeps " + kept + ", expected " + expected.keptLabels(domain));
      }
    }
  }

  /** Returns the folders of the versions that a mixture names. */
  static Set<String> named(MixtureDirectory mixture) {
    MixtureState state = mixture.state();
    Set<String> named = new TreeSet<>();
    for (String domain : state.domains().keySet()) {
      mixture
          .versions(domain)
          .forEach(version -> named.add(folderOf("adapters/" + domain, version.version())));
    }
    state.routerVersion().ifPresent(version -> named.add(folderOf("router", version)));
    return named;
  }

  private static String folderOf(String parent, int version) {
    return "%s/v%04d".formatted(parent, version);
  }

  /** Lists the folders of versions, and whatever bears a name of unfinished work. */
  static Set<String> folders(Path mixture) throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> paths = Files.walk(mixture, 3)) {
      paths
          .map(path -> mixture.relativize(path).toString())
          .filter(path -> path.matches(".*/v\\d+|\\.(writing|deleted)-.*|.*\\.tmp"))
          .forEach(found::add);
    }
    return found;
  }
}
