package io.github.moa4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nine kinds of domains, tables, code, options and symbols among them, from file to token ids. */
final class NineDomainsTest {

  private static final Path FOLDER = Path.of("src/test/resources/domains");
  private static final Path MODEL = Path.of("../moa-core/src/test/resources/base-tokenizer");

  @Test
  void readsNineDomains() {
    List<Domain> domains = Domains.read(FOLDER);
    assertThat(domains)
        .extracting(Domain::name)
        .containsExactly(
            "code", "exam", "finance", "math", "medicine", "qa", "shell", "sql", "tools");
    assertThat(domains).allMatch(domain -> domain.train().size() == 1);
    assertThat(domains).allMatch(domain -> domain.validation().size() == 1);
    assertThat(domains.get(1).train().get(0).prompt().get(0).content())
        .isEqualTo(
            "A train needs 3 hours for 240 km. How fast is it?\n(A)60 km/h\n(B)80 km/h\n(C)90 km/h");
  }

  @Test
  void decodedTokensAreThePromptAndTheAnswer() {
    try (TextTokenizer tokenizer = TextTokenizer.open(MODEL)) {
      ExampleEncoder encoder =
          new ExampleEncoder(
              new PromptEncoder(tokenizer, ChatTemplate.read(MODEL), Map.of()), 384, 256);
      for (Domain domain : Domains.read(FOLDER)) {
        for (Example example : List.of(domain.train().get(0), domain.validation().get(0))) {
          EncodedExample encoded = encoder.encode(example);
          int[] tokens = encoded.tokens();
          int prompt = encoded.promptLength();
          assertThat(tokenizer.decode(Arrays.copyOf(tokens, prompt), true))
              .isEqualTo(example.prompt().get(0).content() + "\n");
          assertThat(tokenizer.decode(Arrays.copyOfRange(tokens, prompt, tokens.length), true))
              .isEqualTo(example.answer() + "<|endoftext|>");
        }
      }
    }
  }
}
