package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IncrementalDetokenizerTest {

  @Test
  void holdsACharacterUntilItsLastByte() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      assertThat(tokenizer.encode("🤖")).hasSize(4);
      assertThat(pieces(tokenizer, "a🤖b")).containsExactly("a", "", "", "", "🤖", "b", "");
    }
  }

  @Test
  void holdsByteTokensUntilTheirRunEnds() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.byteFallback())) {
      assertThat(pieces(tokenizer, "a🤖b")).containsExactly("a", "", "", "", "", "🤖b", "");
      assertThat(pieces(tokenizer, "🤖")).endsWith("", "", "", "", "🤖");
    }
  }

  @Test
  void keepsSpacesBetweenWordsAndDropsTheFirstOne() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.byteFallback())) {
      assertThat(pieces(tokenizer, "hello the  end"))
          .startsWith("hello", " the")
          .satisfies(all -> assertThat(String.join("", all)).isEqualTo("hello the  end"));
    }
  }

  @Test
  void givesNoTextForSpecialTokensAndIdsThatNoTokenHas() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.byteFallback())) {
      IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
      assertThat(detokenizer.accept(1)).isEmpty();
      assertThat(detokenizer.accept(353)).isEqualTo("hello");
      assertThat(detokenizer.accept(2)).isEmpty();
      assertThat(detokenizer.accept(100_000)).isEmpty();
      assertThat(detokenizer.accept(339)).isEqualTo(" the");
      assertThat(detokenizer.finish()).isEmpty();
    }
  }

  @Test
  void showsACharacterThatStaysIncompleteAsTheReplacementCharacter() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      int[] robot = tokenizer.encode("🤖");
      IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
      assertThat(detokenizer.accept(robot[0])).isEmpty();
      assertThat(detokenizer.accept(robot[1])).isEmpty();
      assertThat(detokenizer.finish()).isEqualTo("\uFFFD");
    }
  }

  @Test
  void endsWithFinish() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
      assertThat(detokenizer.finish()).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> detokenizer.accept(5));
    }
  }

  /** A model gone astray may write bytes that are no text for long. */
  @Test
  void keepsItsWindowShortEvenForBytesThatAreNoText() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      int continuation = tokenizer.encode("🤖")[3];
      IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        text.append(detokenizer.accept(continuation));
        assertThat(detokenizer.windowLength()).isLessThan(20);
      }
      assertThat(text.append(detokenizer.finish()).toString()).isEqualTo("\uFFFD".repeat(500));
    }
  }

  private static List<String> pieces(TextTokenizer tokenizer, String text) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
    List<String> pieces = new ArrayList<>();
    for (int id : tokenizer.encode(text)) {
      pieces.add(detokenizer.accept(id));
    }
    pieces.add(detokenizer.finish());
    return pieces;
  }
}
