package io.github.moa4j.examples.domains;

import io.github.moa4j.training.data.Example;
import java.util.List;

/**
 * The examples that a domain made.
 *
 * @param train the examples to learn from
 * @param heldOut examples in wordings that {@code train} has, with values that it has not
 * @param unseen examples in wordings, and with values, that {@code train} has not
 */
public record GeneratedExamples(List<Example> train, List<Example> heldOut, List<Example> unseen) {

  /** Copies the lists. */
  public GeneratedExamples {
    train = List.copyOf(train);
    heldOut = List.copyOf(heldOut);
    unseen = List.copyOf(unseen);
  }
}
