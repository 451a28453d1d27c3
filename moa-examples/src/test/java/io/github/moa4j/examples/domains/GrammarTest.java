package io.github.moa4j.examples.domains;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.domains.Grammar.Sentence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the notation of the rules means. */
final class GrammarTest {

  private static final Grammar NOTATION = Grammar.of("notation.txt");

  @Test
  void wordsArePutBehindAQueryAsItsParameters() {
    assertThat(drawn("parameters").meaning())
        .isEqualTo("where a = ? and b > 7 and c = ? | red | New York");
  }

  @Test
  void aLabelSaysAgainWhatFilledIt() {
    Sentence sentence = drawn("again");
    String number = sentence.meaning();
    assertThat(sentence.text()).isEqualTo("from " + number + " to " + number);
  }

  @Test
  void aSignBehindABackslashIsOne() {
    assertThat(drawn("signs").text()).isEqualTo("{f(x)} | g(1)");
  }

  @Test
  void twoSlotsOfASectionSayDifferentThings() {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      assertThat(NOTATION.draw("two", false, random).meaning()).isIn("red, blue", "blue, red");
    }
  }

  /** What pieces are joined to must not be what is held back. */
  @ParameterizedTest
  @ValueSource(strings = {"common", "cron", "logs", "shell", "sql", "tools", "regex"})
  void everyWordThatIsHeldBackIsReserved(String name) throws IOException {
    List<String> reserved = section("pieces.txt", "reserved"::equals);
    assertThat(section(name + ".txt", title -> title.endsWith("!")))
        .allSatisfy(
            rule ->
                assertThat(reserved)
                    .containsAll(
                        Stream.of(rule.replaceAll("\\{[^}]*}", "").split("[^A-Za-z]+"))
                            .filter(word -> word.length() > 2)
                            .map(word -> word.toLowerCase(Locale.ROOT))
                            .toList()));
  }

  private static List<String> section(String resource, Predicate<String> wanted)
      throws IOException {
    List<String> rules = new ArrayList<>();
    boolean inside = false;
    for (String line : new String(bytes(resource), StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("== ")) {
        inside = wanted.test(line.substring(3));
      } else if (inside && !line.isBlank() && !line.startsWith("#")) {
        rules.add(line);
      }
    }
    return rules;
  }

  private static byte[] bytes(String resource) throws IOException {
    try (InputStream in = Grammar.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    }
  }

  private static Sentence drawn(String section) {
    return NOTATION.draw(section, false, new Random(1));
  }
}
