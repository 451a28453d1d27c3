package io.github.moa4j.core.kernel.internal;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.kernel.WeightFormat;

/** The engine's own numbers of element types, by which a script names them. */
public final class EngineTypes {

  static final long F32 = 6;
  private static final long F16 = 5;
  private static final long BF16 = 15;

  private EngineTypes() {}

  /** Returns the number of the type in which products of a format are formed. */
  public static long code(WeightFormat format) {
    return format == WeightFormat.F32 ? F32 : BF16;
  }

  /**
   * Returns the number of a stored type.
   *
   * @throws IllegalArgumentException if no weight is stored so
   */
  static long code(DataType type) {
    return switch (type) {
      case F32 -> F32;
      case BF16 -> BF16;
      case F16 -> F16;
      default -> throw new IllegalArgumentException("No weight is stored as " + type);
    };
  }
}
