package io.github.moa4j.core.config;

import java.util.List;
import java.util.Objects;

/**
 * The experts of a mixture-of-experts decoder: in some layers the feed-forward network is several
 * side by side, and each token passes through the few that the layer's own router finds most
 * probable (Shazeer et al., 2017; Jiang et al., 2024).
 *
 * @param count experts of a layer; 0 in a model without
 * @param perToken how many of them a token takes
 * @param intermediateSize width of one of them
 * @param sharesAddUp whether the probabilities of those that a token takes are divided by their sum
 * @param layers which layers have experts; empty in a model without
 * @param names how a checkpoint names them
 */
public record Experts(
    int count,
    int perToken,
    int intermediateSize,
    boolean sharesAddUp,
    List<Boolean> layers,
    Names names) {

  /** Those of a model without. */
  public static final Experts NONE =
      new Experts(0, 0, 0, false, List.of(), new Names("", "", "", "", ""));

  private static final int MOST = 100_000; // in all layers: what a damaged file could ask for

  /**
   * Names below a layer.
   *
   * @param router of the matrix that chooses
   * @param path of the experts, before their numbers
   * @param gate of an expert's gate, and so on, behind its number
   */
  public record Names(String router, String path, String gate, String up, String down) {}

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException naming what is out of range
   */
  public Experts {
    Objects.requireNonNull(names, "names");
    layers = List.copyOf(layers);
    if (count > 0 && (perToken < 1 || perToken > count)) {
      throw new IllegalArgumentException(
          "A token takes " + perToken + " of " + count + " experts, expected 1 to " + count);
    }
    if ((long) count * layers.size() > MOST) {
      throw new IllegalArgumentException(
          count + " experts in each of " + layers.size() + " layers are over " + MOST);
    }
  }

  /** Tells whether a layer has experts. */
  public boolean in(int layer) {
    return !layers.isEmpty() && layers.get(layer);
  }

  /** Tells whether some layer has. */
  public boolean exist() {
    return layers.contains(true);
  }
}
