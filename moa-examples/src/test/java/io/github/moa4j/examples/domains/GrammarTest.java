package io.github.moa4j.examples.domains;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.examples.domains.Grammar.Sentence;
import java.util.Random;
import org.junit.jupiter.api.Test;

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

  private static Sentence drawn(String section) {
    return NOTATION.draw(section, false, new Random(1));
  }
}
