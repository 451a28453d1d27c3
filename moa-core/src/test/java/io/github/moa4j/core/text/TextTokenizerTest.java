package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTokenizerTest {

  @Test
  void recognisesSpecialTokensInTheTextAndAddsNone() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      assertThat(tokenizer.encode("hello <|im_start|>user 🤖"))
          .containsExactly(260, 303, 81, 223, 1, 3281, 223, 175, 256, 100, 247);
    }
  }
}
