package io.github.moa4j.core.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A whole version of an adapter or of the router that {@code moa.json} does not mention: it was
 * committed after the {@code moa.json} that was put in place of a newer one, or its writer died
 * just before its commit. Kept until somebody removes it.
 *
 * @param domain the adapter's domain; empty for the router
 * @param version its number, which is never given again
 * @param directory its folder; {@link MixtureChange#replaceDomain} can copy from it
 */
public record UnlistedVersion(Optional<String> domain, int version, Path directory) {

  static UnlistedVersion of(VersionFolder folder, Path mixture) {
    return new UnlistedVersion(folder.domain(), folder.version(), folder.under(mixture));
  }

  VersionFolder folder() {
    return new VersionFolder(domain, version);
  }
}
