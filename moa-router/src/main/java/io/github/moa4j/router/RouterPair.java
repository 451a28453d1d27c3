package io.github.moa4j.router;

import java.nio.file.Path;

/**
 * The two routers of a mixture, trained on the same prompts. In a mixture's router folder each has
 * a folder of its own, {@code layerwise} and {@code ridge}.
 *
 * @param layerwise the paper's router
 * @param ridge the closed-form router
 */
public record RouterPair(LayerwiseRouter layerwise, RidgeRouter ridge) {

  /** Writes both routers below a folder; see {@link RouterFiles#write}. */
  public void write(Path directory, String baseFingerprint) {
    RouterFiles.write(layerwise, directory.resolve(RouterFiles.LAYERWISE), baseFingerprint);
    RouterFiles.write(ridge, directory.resolve(RouterFiles.RIDGE), baseFingerprint);
  }

  /**
   * Reads one of the routers.
   *
   * @throws RouterException if a file is missing or damaged, or the router belongs to another base
   */
  public static Router read(Path directory, RouterKind kind, String baseFingerprint) {
    String folder =
        switch (kind) {
          case LAYERWISE -> RouterFiles.LAYERWISE;
          case RIDGE -> RouterFiles.RIDGE;
        };
    return RouterFiles.read(directory.resolve(folder), baseFingerprint);
  }
}
