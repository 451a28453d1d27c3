package io.github.moa4j.core.config;

/**
 * How one layer attends.
 *
 * @param windowed whether it looks back through the sliding window only
 * @param rotated whether queries and keys are turned by their positions
 */
public record LayerAttention(boolean windowed, boolean rotated) {

  /** Attends to all that came before, turned by position. */
  public static final LayerAttention FULL = new LayerAttention(false, true);
}
