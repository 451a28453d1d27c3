package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.chance;
import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.random.RandomGenerator;

/** Descriptions of lines of text and the regular expressions that match them. */
final class RegexDescriptions {

  private RegexDescriptions() {}

  /** A part of the description with its part of the expression. */
  private record Part(String words, String pattern) {}

  static Example sample(RandomGenerator random) {
    Part start = part(random);
    Part end = part(random);
    String lines = oneOf(random, "Lines that ", "All lines that ", "Match lines that ");
    String starts = oneOf(random, "start with ", "begin with ") + start.words();
    return switch (random.nextInt(4)) {
      case 0 -> Example.of(lines + starts, "^" + start.pattern());
      case 1 -> Example.of(lines + "end with " + end.words(), end.pattern() + "$");
      case 2 ->
          Example.of(
              lines + oneOf(random, "are only ", "are just ") + start.words(),
              "^" + start.pattern() + "$");
      default ->
          Example.of(
              lines + starts + " and end with " + end.words(),
              "^" + start.pattern() + ".*" + end.pattern() + "$");
    };
  }

  private static Part part(RandomGenerator random) {
    if (chance(random, 0.4)) {
      String word = oneOf(random, "error", "user", "mail", "name", "order", "table", "report");
      return new Part(oneOf(random, "the word ", "") + word, word);
    }
    boolean digits = random.nextBoolean();
    String kind = digits ? "[0-9]" : "[a-z]";
    String noun = digits ? "digits" : "letters";
    int count = number(random, 2, 99);
    return chance(random, 0.3)
        ? new Part("%d or more %s".formatted(count, noun), "%s{%d,}".formatted(kind, count))
        : new Part("%d %s".formatted(count, noun), "%s{%d}".formatted(kind, count));
  }
}
