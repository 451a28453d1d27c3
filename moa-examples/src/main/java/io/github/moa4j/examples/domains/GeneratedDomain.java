package io.github.moa4j.examples.domains;

import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * A kind of work whose examples are made from templates: the slots of a template are drawn, and
 * request and answer follow from them.
 *
 * <p>What is held out is decided by the answer, which says what the slots hold and leaves out how
 * the request words them: one answer in eight, by its checksum, belongs to the held-out side for
 * good, whatever the seed. So no held-out combination of slots is ever trained on in any wording,
 * and no held-out request is a training request.
 *
 * <p>Immutable and thread-safe.
 */
public final class GeneratedDomain {

  private static final int ONE_IN = 8;
  private static final int DRAWS_PER_EXAMPLE = 200;

  private final String name;
  private final Function<RandomGenerator, Example> template;

  GeneratedDomain(String name, Function<RandomGenerator, Example> template) {
    this.name = name;
    this.template = template;
  }

  /** Returns the name, a valid name of a domain. */
  public String name() {
    return name;
  }

  /**
   * Makes examples; the same arguments give the same examples on every platform.
   *
   * @param trainCount number of training examples; no request stands in them twice
   * @param heldOutCount number of held-out examples; no request and no answer stands in them twice
   * @throws IllegalArgumentException if the templates have fewer combinations than asked for
   */
  public GeneratedExamples generate(int trainCount, int heldOutCount, long seed) {
    return new GeneratedExamples(
        draw(trainCount, false, new Random(seed)), draw(heldOutCount, true, new Random(~seed)));
  }

  /** Returns {@link #generate generated} examples as a domain, the held-out ones for validation. */
  public Domain toDomain(int trainCount, int heldOutCount, long seed) {
    GeneratedExamples examples = generate(trainCount, heldOutCount, seed);
    return new Domain(name, examples.train(), examples.heldOut(), List.of());
  }

  private List<Example> draw(int count, boolean heldOut, RandomGenerator random) {
    List<Example> examples = new ArrayList<>();
    Set<List<ChatMessage>> requests = new HashSet<>();
    Set<String> answers = new HashSet<>();
    for (long draws = 0; examples.size() < count; draws++) {
      if (draws > (long) count * DRAWS_PER_EXAMPLE) {
        throw new IllegalArgumentException(
            "Domain '%s' cannot make %d different %s examples; it found %d"
                .formatted(name, count, heldOut ? "held-out" : "training", examples.size()));
      }
      Example example = template.apply(random);
      boolean fresh = !heldOut || !answers.contains(example.answer());
      if (isHeldOut(example) == heldOut && fresh && requests.add(example.prompt())) {
        answers.add(example.answer());
        examples.add(example);
      }
    }
    return List.copyOf(examples);
  }

  /** Tells which side of the split an example belongs to. */
  static boolean isHeldOut(Example example) {
    CRC32 checksum = new CRC32();
    checksum.update(example.answer().getBytes(StandardCharsets.UTF_8));
    return checksum.getValue() % ONE_IN == 0;
  }
}
