package io.github.moa4j.router.stored;

import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import java.nio.file.Path;

/**
 * The two routers that a mixture stores, trained on the same prompts. In a mixture's router folder
 * each has a folder of its own, {@code layerwise} and {@code ridge}.
 *
 * @param layerwise the paper's router
 * @param ridge the closed-form router
 */
public record StoredRouters(LayerwiseRouter layerwise, RidgeRouter ridge) {

  /**
   * Writes both routers below a folder.
   *
   * @param directory created if it is missing; must not hold routers in use
   * @param baseFingerprint of the base whose states they read
   * @throws RouterException if the files cannot be written
   */
  public void write(Path directory, String baseFingerprint) {
    RouterFiles.write(layerwise, directory.resolve(RouterFiles.LAYERWISE), baseFingerprint);
    RouterFiles.write(ridge, directory.resolve(RouterFiles.RIDGE), baseFingerprint);
  }

  /**
   * Reads one of the routers.
   *
   * @param baseFingerprint of the base in use
   * @throws RouterException if a file is missing or damaged, or the router belongs to another base
   */
  public static Router read(Path directory, RouterKind kind, String baseFingerprint) {
    return switch (kind) {
      case LAYERWISE -> readLayerwise(directory, baseFingerprint);
      case RIDGE -> read(directory.resolve(RouterFiles.RIDGE), RidgeRouter.class, baseFingerprint);
    };
  }

  /**
   * Reads the layer-wise router, which can be followed layer by layer.
   *
   * @param baseFingerprint of the base in use
   * @throws RouterException if a file is missing or damaged, or the router belongs to another base
   */
  public static LayerwiseRouter readLayerwise(Path directory, String baseFingerprint) {
    return read(directory.resolve(RouterFiles.LAYERWISE), LayerwiseRouter.class, baseFingerprint);
  }

  private static <R extends Router> R read(Path folder, Class<R> kind, String baseFingerprint) {
    Router found = RouterFiles.read(folder, baseFingerprint);
    if (!kind.isInstance(found)) {
      throw new RouterException(
          folder
              + " holds a router of class "
              + found.getClass().getSimpleName()
              + ", expected "
              + kind.getSimpleName()
              + ". Train the routers again.");
    }
    return kind.cast(found);
  }
}
