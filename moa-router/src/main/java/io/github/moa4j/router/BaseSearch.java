package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.hub.Base;
import io.github.moa4j.core.hub.HubException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Finds the base of a mixture that may have been moved: where it was seen from the mixture, beside
 * the mixture, or in this machine's cache of the hub. Nothing is fetched. The fingerprint decides
 * where several are found; that of a single one is checked when it is loaded.
 */
public final class BaseSearch {

  private BaseSearch() {}

  /**
   * Returns the folder of a mixture's base.
   *
   * @throws MixtureException if it is nowhere, or what is there has another fingerprint; the
   *     message says where was looked
   */
  public static Path find(MixtureDirectory mixture) {
    return find(mixture.state(), base -> base);
  }

  static Path find(MixtureState mixture, UnaryOperator<Base> hub) {
    List<String> looked = new ArrayList<>();
    List<Path> found = new ArrayList<>();
    for (Path place : mixture.basePlaces()) {
      looked.add(place.toString());
      if (Files.isRegularFile(place.resolve("config.json"))) {
        found.add(place);
      }
    }
    mixture
        .baseRepository()
        .ifPresent(
            repository -> {
              looked.add(repository + " in the cache of the hub");
              try {
                found.add(hub.apply(Base.of(repository)).offline(true).fetch());
              } catch (HubException | IllegalArgumentException e) {
                // it is not there
              }
            });
    if (found.size() > 1) {
      found.removeIf(place -> !hasFingerprint(place, mixture.baseFingerprint()));
    }
    if (found.isEmpty()) {
      throw new MixtureException(
          "The mixture in "
              + mixture.directory()
              + " belongs to the base with fingerprint "
              + Failure.quote(mixture.baseFingerprint())
              + (looked.isEmpty()
                  ? " and does not say where that is"
                  : ", which was not found in " + String.join(", ", looked))
              + ": name the base's directory.");
    }
    return found.get(0);
  }

  private static boolean hasFingerprint(Path place, String fingerprint) {
    try (Checkpoint checkpoint = Checkpoint.open(place)) {
      return checkpoint.fingerprint().equals(fingerprint);
    } catch (MoaException e) {
      return false;
    }
  }
}
