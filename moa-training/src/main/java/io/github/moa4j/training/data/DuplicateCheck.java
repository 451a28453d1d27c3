package io.github.moa4j.training.data;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.training.data.Duplicates.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds examples that stand twice, exactly or nearly. Two prompts are near duplicates if the sets
 * of their runs of five words, without case and punctuation, have a Jaccard similarity of at least
 * {@value #NEAR}. That is computed, not estimated; 2,000 examples take well under a second.
 */
public final class DuplicateCheck {

  /** Least similarity of near duplicates. */
  public static final double NEAR = 0.8;

  /** A context of fewer words, such as the name of a database, is nothing to find answers in. */
  private static final int CONTEXT_WORDS = 10;

  private final List<Example> examples;
  private final Map<Example, Integer> firstExample = new HashMap<>();
  private final Map<List<ChatMessage>, Integer> firstPrompt = new HashMap<>();
  private final Map<String, Integer> firstContext = new HashMap<>();
  private final NearPrompts near;
  private final List<Pair> sameExamples = new ArrayList<>();
  private final List<Pair> samePrompts = new ArrayList<>();
  private final List<Pair> nearPrompts = new ArrayList<>();
  private final List<Pair> sameContexts = new ArrayList<>();

  private DuplicateCheck(List<Example> known, List<Example> examples) {
    this.examples = examples;
    for (int i = 0; i < known.size(); i++) {
      int position = i;
      firstExample.putIfAbsent(known.get(i), i);
      firstPrompt.putIfAbsent(known.get(i).prompt(), i);
      context(known.get(i)).ifPresent(context -> firstContext.putIfAbsent(context, position));
    }
    near =
        new NearPrompts(
            known.stream().map(Example::prompt).toList(),
            examples.stream().map(Example::prompt).toList(),
            NEAR);
  }

  /**
   * Compares each example with all that stand before it.
   *
   * @return what repeats an earlier example
   */
  public static Duplicates within(List<Example> examples) {
    DuplicateCheck check = new DuplicateCheck(examples, examples);
    for (int i = 0; i < examples.size(); i++) {
      check.compare(i, i);
    }
    return check.found();
  }

  /**
   * Compares examples with those a model learns from.
   *
   * @param train examples to learn from; the pairs' other lines
   * @param others examples to measure on, or of another domain
   * @return what of {@code others} stands in {@code train}
   */
  public static Duplicates between(List<Example> train, List<Example> others) {
    DuplicateCheck check = new DuplicateCheck(train, others);
    for (int i = 0; i < others.size(); i++) {
      check.compare(i, train.size());
    }
    return check.found();
  }

  /** Compares one example with the known ones before {@code end}. */
  private void compare(int position, int end) {
    Example example = examples.get(position);
    Optional<Integer> sameExample = before(end, firstExample.get(example));
    Optional<Integer> samePrompt = before(end, firstPrompt.get(example.prompt()));
    if (sameExample.isPresent()) {
      sameExamples.add(new Pair(position + 1, sameExample.get() + 1, 1));
    } else if (samePrompt.isPresent()) {
      samePrompts.add(new Pair(position + 1, samePrompt.get() + 1, 1));
    } else {
      near.mostSimilar(position, end)
          .map(match -> new Pair(position + 1, match.position() + 1, match.similarity()))
          .ifPresent(nearPrompts::add);
    }
    context(example)
        .flatMap(context -> before(end, firstContext.get(context)))
        .ifPresent(
            other ->
                sameContexts.add(
                    new Pair(position + 1, other + 1, near.similarity(position, other))));
  }

  private Duplicates found() {
    return new Duplicates(sameExamples, samePrompts, nearPrompts, sameContexts);
  }

  private static Optional<Integer> before(int end, Integer position) {
    return Optional.ofNullable(position).filter(found -> found < end);
  }

  /** What stands below the first line of the last message: the input, in Alpaca form. */
  private static Optional<String> context(Example example) {
    String message = example.prompt().get(example.prompt().size() - 1).content();
    int line = message.indexOf('\n');
    return Optional.of(message.substring(line + 1).strip())
        .filter(context -> line >= 0 && Shingles.words(context).size() >= CONTEXT_WORDS);
  }
}
