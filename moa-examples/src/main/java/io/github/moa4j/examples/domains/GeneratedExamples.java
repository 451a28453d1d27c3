package io.github.moa4j.examples.domains;

import io.github.moa4j.training.data.Example;
import java.util.List;

/**
 * The examples that a domain made.
 *
 * @param train the examples to learn from
 * @param heldOut examples whose answers, and so whose combinations of slots, {@code train} lacks
 */
public record GeneratedExamples(List<Example> train, List<Example> heldOut) {

  /** Copies the lists. */
  public GeneratedExamples {
    train = List.copyOf(train);
    heldOut = List.copyOf(heldOut);
  }
}
