package io.github.moa4j.spark;

import java.io.Serializable;
import java.util.Objects;

/**
 * A mixture that every machine of a cluster can read, and how it answers there.
 *
 * @param location the URI of its folder, with {@code moa.json} in it
 * @param base the base it belongs to
 * @param contextLength how many tokens prompt and answer have together at most; the base's own
 *     limit holds too
 * @param questionsAtOnce how many questions of a partition are under way at most. The batch grows
 *     to that number, and as far as the keys and values of its answers fit into the memory budget
 */
public record SparkMixture(String location, SparkBase base, int contextLength, int questionsAtOnce)
    implements Serializable {

  /** Checks the numbers, and that nothing is null or blank. */
  public SparkMixture {
    if (location.isBlank()) {
      throw new IllegalArgumentException("The location of a mixture is empty; expected a URI");
    }
    Objects.requireNonNull(base, "base");
    if (contextLength < 2 || questionsAtOnce < 1) {
      throw new IllegalArgumentException(
          "contextLength must be 2 or more and questionsAtOnce 1 or more; found "
              + contextLength
              + " and "
              + questionsAtOnce);
    }
  }

  /** A mixture with the context that its base allows, of which 64 questions are under way. */
  public static SparkMixture of(String location, SparkBase base) {
    return new SparkMixture(location, base, Integer.MAX_VALUE, 64);
  }

  /** Returns this mixture with another length of context. */
  public SparkMixture withContextLength(int value) {
    return new SparkMixture(location, base, value, questionsAtOnce);
  }

  /** Returns this mixture with another number of questions under way. */
  public SparkMixture withQuestionsAtOnce(int value) {
    return new SparkMixture(location, base, contextLength, value);
  }
}
