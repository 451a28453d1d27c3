package io.github.moa4j.core.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a mixture says of the place of its base, so that both can be moved: the name of a repository
 * of the hub, or a path from the mixture's folder. Mixtures of earlier releases have absolute
 * paths.
 */
final class BaseReference {

  private static final Pattern CACHED =
      Pattern.compile(".*/models--([^/]+)/snapshots/[0-9a-f]{40}/?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}");

  private BaseReference() {}

  /** Returns what is stored for a base that the creator of a mixture names. */
  static String stored(Path mixture, String base) {
    Optional<String> cached = cached(base);
    if (cached.isPresent()) {
      return cached.get();
    }
    try {
      Path path = Path.of(base);
      return Files.isDirectory(path)
          ? slashes(mixture.toRealPath().relativize(path.toRealPath()))
          : base;
    } catch (IOException | IllegalArgumentException e) {
      return base; // a name, or on another drive than the mixture
    }
  }

  /** Returns the repository of the hub that a stored text names. */
  static Optional<String> repository(String stored) {
    return cached(stored)
        .or(() -> Optional.of(stored).filter(text -> REPOSITORY.matcher(text).matches()));
  }

  private static Optional<String> cached(String base) {
    Matcher matcher = CACHED.matcher(base.replace('\\', '/'));
    return matcher.matches() ? Optional.of(matcher.group(1).replace("--", "/")) : Optional.empty();
  }

  private static String slashes(Path path) {
    return path.toString().replace('\\', '/');
  }

  /** Returns where the base may be, the likeliest place first, whether anything is there or not. */
  static List<Path> places(Path mixture, String stored) {
    Set<Path> places = new LinkedHashSet<>();
    List<Path> homes = new ArrayList<>();
    try {
      homes.add(mixture.toRealPath());
    } catch (IOException e) {
      homes.add(mixture);
    }
    homes.add(mixture);
    try {
      Path path = Path.of(stored);
      homes.forEach(home -> places.add(home.resolve(path).normalize()));
      places.add(path.toAbsolutePath().normalize()); // as earlier releases read it
      String name = stored.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\]", "");
      if (!name.isEmpty() && !name.equals("..")) {
        for (Path home : homes) {
          places.add(home.resolveSibling(name).normalize());
          places.add(home.resolve(name).normalize());
        }
      }
    } catch (InvalidPathException e) {
      return List.copyOf(places); // it is no path on this system
    }
    return List.copyOf(places);
  }
}
