package io.github.moa4j.spark;

import io.github.moa4j.router.Question;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** Makes the question that a row asks; runs on the executors. */
@FunctionalInterface
public interface RowQuestion extends Serializable {

  /**
   * Returns the question of a row.
   *
   * @return null if the row asks nothing; it gets no answer then, and its {@code failure} says so
   */
  Question of(Row row);
}
