package io.github.moa4j.examples.domains;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.examples.domains.Grammar.Sentence;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * A kind of work whose examples are drawn from a {@link Grammar}: the requests in the wordings of
 * its section {@code request}, of which one rule may stand for those of {@code wider}, or in those
 * of {@code unseen}, which are held back.
 *
 * <p>Held-out examples hold values that training has not: slots are filled from lists of their own,
 * and one answer in eight, by its checksum, belongs to the held-out side for good, whatever the
 * seed. An answer without any value, {@code * * * * *}, is always trained on and never held out.
 *
 * <p>Immutable and thread-safe.
 */
public final class GeneratedDomain {

  /**
   * The name of what is none of the kinds of work; it has requests, and no answers to tell apart.
   */
  static final String NONE = "none";

  /** What is answered then. */
  static final String NO_ANSWER = "That is none of my kinds of work.";

  private static final int ONE_IN = 8;
  private static final int DRAWS_PER_EXAMPLE = 200;

  /** How requests come about. */
  enum Style {
    /** People write them, each in their own way. */
    WRITTEN,
    /** Machines write them: every letter counts. */
    MACHINE
  }

  private final String name;
  private final Grammar grammar;
  private final Style style;

  GeneratedDomain(String name, Style style, String... resources) {
    this.name = name;
    this.style = style;
    this.grammar = Grammar.of(resources);
  }

  /** Returns the name, a valid name of a domain. */
  public String name() {
    return name;
  }

  /** Returns the number of sentence patterns that are trained on, of a log line its messages. */
  public long patterns() {
    long wider = Math.max(1, grammar.rules("wider"));
    return Math.max(grammar.rules("request") - 1 + wider, grammar.rules("message"));
  }

  /**
   * Makes examples; the same arguments give the same examples on every platform.
   *
   * @param trainCount number of training examples; no request stands in them twice
   * @param heldOutCount number of held-out examples, of each kind; no request stands in them twice
   * @throws IllegalArgumentException if the grammar has fewer combinations than asked for
   */
  public GeneratedExamples generate(int trainCount, int heldOutCount, long seed) {
    return new GeneratedExamples(
        draw("request", trainCount, false, new Random(seed)),
        draw("request", heldOutCount, true, new Random(~seed)),
        draw("unseen", heldOutCount, true, new Random(seed ^ 0x5eed)));
  }

  /** Returns {@link #generate generated} examples as a domain, the held-out ones for validation. */
  public Domain toDomain(int trainCount, int heldOutCount, long seed) {
    GeneratedExamples examples = generate(trainCount, heldOutCount, seed);
    return new Domain(name, examples.train(), examples.heldOut(), List.of());
  }

  private List<Example> draw(String section, int count, boolean heldOut, RandomGenerator random) {
    List<Example> examples = new ArrayList<>();
    Set<List<ChatMessage>> requests = new HashSet<>();
    for (long draws = 0; examples.size() < count; draws++) {
      if (draws > (long) count * DRAWS_PER_EXAMPLE) {
        throw new IllegalArgumentException(
            "Domain '%s' cannot make %d different %s examples; it found %d"
                .formatted(name, count, heldOut ? "held-out" : "training", examples.size()));
      }
      Sentence sentence = grammar.draw(section, heldOut, random);
      String request = style == Style.MACHINE ? sentence.text() : Wording.of(sentence, random);
      boolean none = name.equals(NONE);
      Example example = Example.of(request, none ? NO_ANSWER : sentence.meaning());
      if ((none || isHeldOut(example) == heldOut) && requests.add(example.prompt())) {
        examples.add(example);
      }
    }
    return List.copyOf(examples);
  }

  /** Tells which side of the split an example belongs to. */
  static boolean isHeldOut(Example example) {
    CRC32 checksum = new CRC32();
    checksum.update(example.answer().getBytes(StandardCharsets.UTF_8));
    boolean hasValue = example.answer().chars().anyMatch(Character::isLetterOrDigit);
    return hasValue && checksum.getValue() % ONE_IN == 0;
  }
}
