package io.github.moa4j.core.store;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one version of an adapter or of the router, by its place in the mixture.
 *
 * @param domain the adapter's domain; empty for the router
 * @param version 1 or more
 */
record VersionFolder(Optional<String> domain, int version) {

  static final String ADAPTERS = "adapters";
  static final String ROUTER = "router";

  private static final String WRITING = ".writing-"; // then the name of the folder
  private static final String DELETED = ".deleted-"; // then the name of the folder

  private static final Pattern NAME = Pattern.compile("v([0-9]{4,10})");
  private static final Pattern STAGED =
      Pattern.compile("(?:adapters\\.([a-z0-9_-]{1,64})|router)\\.(v[0-9]{4,10})");
  private static final Pattern PATH =
      Pattern.compile("(?:adapters/([a-z0-9_-]{1,64})|router)/(v[0-9]{4,10})");

  static VersionFolder adapter(String domain, int version) {
    return new VersionFolder(Optional.of(domain), version);
  }

  static VersionFolder router(int version) {
    return new VersionFolder(Optional.empty(), version);
  }

  /** Reads what {@link #toString} writes; empty if it is something else. */
  static Optional<VersionFolder> parse(String path) {
    return parse(PATH, path);
  }

  private static Optional<VersionFolder> parse(Pattern form, String text) {
    Matcher matcher = form.matcher(text);
    return matcher.matches()
        ? named(Optional.ofNullable(matcher.group(1)), matcher.group(2))
        : Optional.empty();
  }

  /** Returns the version of a folder of that name; empty if we never give such a name. */
  static Optional<VersionFolder> named(Optional<String> domain, String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long version = Long.parseLong(matcher.group(1));
    return version > 0 && version <= Integer.MAX_VALUE && folderName((int) version).equals(name)
        ? Optional.of(new VersionFolder(domain, (int) version))
        : Optional.empty();
  }

  /** Returns the version whose unfinished or half-deleted folder in the mixture has that name. */
  static Optional<VersionFolder> unfinished(String name) {
    return version(name).flatMap(version -> parse(STAGED, version));
  }

  /**
   * Returns the version whose unfinished or half-deleted folder has that name beside the whole
   * versions of its domain, where earlier releases put it.
   */
  static Optional<VersionFolder> unfinished(Optional<String> domain, String name) {
    return version(name).flatMap(version -> named(domain, version));
  }

  private static Optional<String> version(String name) {
    return Stream.of(WRITING, DELETED)
        .filter(name::startsWith)
        .map(prefix -> name.substring(prefix.length()))
        .findFirst();
  }

  private static String folderName(int version) {
    return String.format(Locale.ROOT, "v%04d", version);
  }

  /** Returns the folder of all versions of this adapter or of the router. */
  Path parentUnder(Path mixture) {
    return parentUnder(mixture, domain);
  }

  /** Returns the folder of all versions of a domain's adapter; of the router if empty. */
  static Path parentUnder(Path mixture, Optional<String> domain) {
    return domain
        .map(name -> mixture.resolve(ADAPTERS).resolve(name))
        .orElseGet(() -> mixture.resolve(ROUTER));
  }

  Path under(Path mixture) {
    return parentUnder(mixture).resolve(folderName(version));
  }

  /**
   * Returns where the version is written until it is whole: in the mixture itself, so that one look
   * tells whether there is unfinished work, however many domains there are.
   */
  Path writingUnder(Path mixture) {
    return mixture.resolve(WRITING + staged());
  }

  /**
   * Returns where the version goes before it is deleted, so that a reader finds it whole or not.
   */
  Path deletedUnder(Path mixture) {
    return mixture.resolve(DELETED + staged());
  }

  private String staged() {
    return toString().replace('/', '.');
  }

  /**
   * Returns the folder after checking that no link leads to it or lies in it.
   *
   * @throws MixtureException if one does
   */
  Path realUnder(Path mixture) {
    checkNoLink(mixture);
    Path folder = under(mixture);
    if (isFolder(folder)) {
      checkNoLinkIn(folder);
    }
    return folder;
  }

  /**
   * Checks that the folder is there.
   *
   * @throws MixtureException if it is not, or a link leads to it
   */
  void checkThere(Path mixture) {
    if (!isFolder(realUnder(mixture))) {
      throw new MixtureException(
          under(mixture) + " is missing. Restore the folder from a copy, or train again.");
    }
  }

  /**
   * Checks that a folder holds no link: whoever owns its target could change the version.
   *
   * @throws MixtureException if it does, or cannot be read
   */
  static void checkNoLinkIn(Path folder) {
    try {
      for (Path path : DurableFiles.list(folder)) {
        if (Files.isSymbolicLink(path)) {
          throw isLink(path);
        }
        if (isFolder(path)) {
          checkNoLinkIn(path);
        }
      }
    } catch (IOException e) {
      throw new MixtureException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * Checks that neither the folder nor what it lies in is a link: it would lead out of the mixture,
   * into files of somebody else.
   *
   * @throws MixtureException if one is
   */
  void checkNoLink(Path mixture) {
    for (Path path = under(mixture); !path.equals(mixture); path = path.getParent()) {
      if (Files.isSymbolicLink(path)) {
        throw isLink(path);
      }
    }
  }

  private static MixtureException isLink(Path path) {
    return new MixtureException(
        path
            + " is a symbolic link, which a mixture never follows. Put a copy of what it leads to"
            + " in its place.");
  }

  /** Tells whether there is a folder at a path, not a link to one. */
  static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Returns the path below the mixture, with slashes on every platform. */
  @Override
  public String toString() {
    return domain.map(name -> ADAPTERS + "/" + name).orElse(ROUTER) + "/" + folderName(version);
  }
}
