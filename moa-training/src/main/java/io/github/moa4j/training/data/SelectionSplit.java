package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Training examples in two parts: those that move the parameters and a slice that chooses the best
 * checkpoint, so that validation data is left for measuring alone.
 *
 * @param train the examples to learn from, in their old order; never empty
 * @param selection the examples that choose the checkpoint, in their old order; no prompt of theirs
 *     stands in {@code train}
 */
public record SelectionSplit(List<Example> train, List<Example> selection) {

  /** Copies the lists. */
  public SelectionSplit {
    train = List.copyOf(train);
    selection = List.copyOf(selection);
  }

  /**
   * Draws the slice. Examples of the same prompt stay together, so the slice can be somewhat larger
   * than asked for, or smaller where only one prompt would be left to learn from.
   *
   * @param count wanted size of the slice; 0 for none
   * @param seed the same seed draws the same slice
   * @throws IllegalArgumentException if {@code count} is negative or leaves nothing to learn from,
   *     as where all examples have one prompt
   */
  public static SelectionSplit of(List<Example> examples, int count, long seed) {
    if (count < 0 || count >= examples.size()) {
      throw new IllegalArgumentException(
          "Cannot take %d of %d examples for the choice of the checkpoint; expected 0 to %d"
              .formatted(count, examples.size(), examples.size() - 1));
    }
    Set<List<ChatMessage>> chosen = choose(examples, count, seed);
    List<Example> train = new ArrayList<>();
    List<Example> selection = new ArrayList<>();
    for (Example example : examples) {
      (chosen.contains(example.prompt()) ? selection : train).add(example);
    }
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          ("The %d examples all have the same prompt; expected two different ones or more, as one at"
                  + " least is set aside for the choice of the checkpoint")
              .formatted(examples.size()));
    }
    return new SelectionSplit(train, selection);
  }

  private static Set<List<ChatMessage>> choose(List<Example> examples, int count, long seed) {
    List<Example> shuffled = new ArrayList<>(examples);
    Collections.shuffle(shuffled, new Random(seed));
    Set<List<ChatMessage>> left = new HashSet<>();
    shuffled.forEach(example -> left.add(example.prompt()));
    Set<List<ChatMessage>> chosen = new HashSet<>();
    for (Example example : shuffled.subList(0, count)) {
      boolean last = left.size() == 1 && !chosen.isEmpty();
      if (!last && left.remove(example.prompt())) {
        chosen.add(example.prompt());
      }
    }
    return chosen;
  }
}
