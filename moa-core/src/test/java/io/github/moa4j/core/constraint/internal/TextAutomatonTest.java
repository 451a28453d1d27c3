package io.github.moa4j.core.constraint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An automaton accepts what Java's own expressions match, and nothing else. */
final class TextAutomatonTest {

  private static final String[] SIGNS = {"a", "b", "c", "0", "-", " ", "ä", "中", "😀"};

  private static boolean accepts(TextAutomaton automaton, String text) {
    State at = automaton.start();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      at = automaton.step(at, b & 0xFF);
    }
    return at.accepts();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[ab]{2,5}",
        "[ab]{0,5}c",
        "[a-c]{3,}",
        "[ab]*[bc]{2,4}",
        "a{0,3}[ab]{4}",
        "(?:[ab]{1,3}-){2,4}",
        "(?:a?b?){2,5}c",
        "(?:[ab]{0,2}){0,6}",
        "(?:ab|c){4,6}",
        "(?:(?:a|b){2,4}c){5}|0{1,9}",
        "[^a]{4,6}",
        ".{2,6}a.{0,4}",
        "(?:a{4,5}b{4,5}){4}",
        "\\w{5}",
        "[ä中😀]{4,7}",
        "(?:ab){4,}c*",
        "(?:a?b*){4,9}c",
        "(?:(?:a?c?){4,5}b?){4}",
        "\\p{L}{4,6}\\P{L}?",
        "[\\p{Nd}\\p{Ll}]{5,}"
      })
  void acceptsWhatThePatternMatches(String pattern) {
    BitSet bytes = new BitSet();
    bytes.set(0, 256);
    TextAutomaton automaton =
        new TextAutomaton(Constraint.regex(pattern).unwrap(Graph.class), bytes);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 4000; i++) {
      int few = 1 + random.nextInt(SIGNS.length);
      int from = random.nextInt(SIGNS.length);
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(22); n > 0; n--) {
        text.append(SIGNS[(from + random.nextInt(few)) % SIGNS.length]);
      }
      assertThat(accepts(automaton, text.toString()))
          .as(text.toString())
          .isEqualTo(text.toString().matches("(?:" + pattern + ")"));
    }
  }

  /** A pattern beside a length, of which each character counts however it is written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a-c]+( [a-c]+)*",
        "(aa)*",
        "(a|bb|ccc)*",
        "([ab]{2}-?){1,9}ä*",
        "\\S+",
        ".*[ä中😀]",
        "(a[bc]*){2,3}|[0-]*",
        "(a*b*)*",
        "a?b?c?"
      })
  void acceptsWhatThePatternMatchesWithinALength(String pattern) {
    BitSet bytes = new BitSet();
    bytes.set(0, 256);
    SplittableRandom random = new SplittableRandom(11);
    for (int limits = 0; limits < 12; limits++) {
      int least = random.nextInt(7);
      int most = random.nextBoolean() ? least + random.nextInt(6) : -1;
      String schema =
          "{\"pattern\": \"^(?:%s)$\", \"minLength\": %d%s}"
              .formatted(
                  pattern.replace("\\", "\\\\"), least, most < 0 ? "" : ", \"maxLength\": " + most);
      Predicate<String> accepted = acceptedBy(schema, bytes);
      for (int i = 0; i < 500; i++) {
        int few = 1 + random.nextInt(3);
        int from = random.nextInt(SIGNS.length);
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(13); n > 0; n--) {
          text.append(SIGNS[(from + random.nextInt(few)) % SIGNS.length]);
        }
        int length = text.codePointCount(0, text.length());
        assertThat(accepted.test("\"" + text + "\""))
            .as(schema + " " + text)
            .isEqualTo(
                text.toString().matches("(?:" + pattern + ")")
                    && length >= least
                    && (most < 0 || length <= most));
      }
    }
  }

  /** What a schema takes; nothing if it is refused because nothing satisfies it. */
  private static Predicate<String> acceptedBy(String schema, BitSet bytes) {
    try {
      Graph graph = Constraint.jsonSchema(schema).unwrap(Graph.class);
      TextAutomaton automaton = new TextAutomaton(graph, bytes);
      return text -> accepts(automaton, text);
    } catch (ConstraintException e) {
      assertThat(e).hasMessageContaining("No text satisfies");
      return text -> false;
    }
  }

  @ParameterizedTest
  @CsvSource({"Z, true", "+00:00, true", "-00:30, true", "-14:00, true", "-00:00, false"})
  void writesNoOffsetThatIsUnknown(String offset, boolean written) {
    BitSet bytes = new BitSet();
    bytes.set(0, 256);
    Constraint time = Constraint.jsonSchema("{\"type\": \"string\", \"format\": \"date-time\"}");
    TextAutomaton automaton = new TextAutomaton(time.unwrap(Graph.class), bytes);
    assertThat(accepts(automaton, "\"2024-02-28T23:59:59" + offset + "\"")).isEqualTo(written);
  }
}
