package io.github.moa4j.spark;

import io.github.moa4j.core.kernel.WeightFormat;
import java.io.Serializable;
import java.util.Objects;

/**
 * A base that every machine of a cluster can read.
 *
 * @param location the URI of its folder, in Hugging Face's form, such as {@code
 *     hdfs:///models/base} or {@code s3a://bucket/base}. One of {@code file:} is used where it
 *     lies, so it must be there on every machine; any other is fetched once by each JVM
 * @param weightFormat how its weights lie in memory. A question's answer is the same whatever is
 *     answered beside it in {@code BF16}; see {@code docs/spark.md}
 */
public record SparkBase(String location, WeightFormat weightFormat) implements Serializable {

  /** Checks that nothing is null or blank. */
  public SparkBase {
    if (location.isBlank()) {
      throw new IllegalArgumentException("The location of a base is empty; expected a URI");
    }
    Objects.requireNonNull(weightFormat, "weightFormat");
  }
}
