package io.github.moa4j.core.store;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of one version of an adapter or of the router, by its place in the mixture.
 *
 * @param domain the adapter's domain; empty for the router
 * @param version 1 or more
 */
record VersionFolder(Optional<String> domain, int version) {

  static final String ADAPTERS = "adapters";
  static final String ROUTER = "router";

  private static final Pattern NAME = Pattern.compile("v([0-9]{4,9})");
  private static final Pattern PATH =
      Pattern.compile("(?:adapters/([a-z0-9_-]{1,64})|router)/(v[0-9]{4,9})");

  static VersionFolder adapter(String domain, int version) {
    return new VersionFolder(Optional.of(domain), version);
  }

  static VersionFolder router(int version) {
    return new VersionFolder(Optional.empty(), version);
  }

  /** Reads what {@link #toString} writes; empty if it is something else. */
  static Optional<VersionFolder> parse(String path) {
    Matcher matcher = PATH.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<String> domain = Optional.ofNullable(matcher.group(1));
    return versionOf(matcher.group(2)).map(version -> new VersionFolder(domain, version));
  }

  /** Returns the version that a folder's name stands for; empty if we never give such a name. */
  static Optional<Integer> versionOf(String folderName) {
    Matcher matcher = NAME.matcher(folderName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int version = Integer.parseInt(matcher.group(1));
    return version > 0 && folderName(version).equals(folderName)
        ? Optional.of(version)
        : Optional.empty();
  }

  private static String folderName(int version) {
    return String.format(Locale.ROOT, "v%04d", version);
  }

  /** Returns the folder of all versions of this adapter or of the router. */
  Path parentUnder(Path mixture) {
    return domain
        .map(name -> mixture.resolve(ADAPTERS).resolve(name))
        .orElseGet(() -> mixture.resolve(ROUTER));
  }

  Path under(Path mixture) {
    return parentUnder(mixture).resolve(folderName(version));
  }

  /** Returns the path below the mixture, with slashes on every platform. */
  @Override
  public String toString() {
    return domain.map(name -> ADAPTERS + "/" + name).orElse(ROUTER) + "/" + folderName(version);
  }
}
