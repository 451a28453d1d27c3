package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.kernel.WeightFormat;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of every program that runs a base: how it computes. */
public final class PrecisionArgument {

  /** How the base computes. */
  enum Precision {
    /** Whatever this machine is faster in. */
    AUTO,
    /** 32-bit floating point. */
    F32,
    /** bfloat16. */
    BF16,
    /** Weights in 8 bits. */
    INT8,
    /** Weights in 4 bits. */
    INT4
  }

  @Option(
      names = "--precision",
      defaultValue = "AUTO",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.AUTO;

  public WeightFormat weightFormat() {
    return weightFormat(Optional.empty());
  }

  /**
   * Returns the precision asked for.
   *
   * @param before what an earlier run that is to go on computed in
   */
  public WeightFormat weightFormat(Optional<WeightFormat> before) {
    return switch (precision) {
      case AUTO -> before.orElseGet(WeightFormat::fastest);
      case F32 -> WeightFormat.F32;
      case BF16 -> WeightFormat.BF16;
      case INT8 -> WeightFormat.INT8;
      case INT4 -> WeightFormat.INT4;
    };
  }
}
