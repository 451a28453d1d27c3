package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {

  @TempDir Path directory;

  /** The ids are those of the Python library. */
  @Test
  void recognisesSpecialTokensInTheTextAndAddsNone() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      assertThat(tokenizer.encode("hello <|im_start|>user 🤖"))
          .containsExactly(260, 303, 81, 223, 1, 3281, 223, 175, 256, 100, 247);
    }
  }

  /** As in the Python libraries; old conversions list no added tokens. */
  @Test
  void aTokenThatOnlyTheConfigurationCallsSpecialIsSpecial() throws IOException {
    Path base = TestTokenizers.base();
    JsonObject json = JsonObject.read(base.resolve("tokenizer.json"), MoaException::new);
    Map<String, Object> values = new LinkedHashMap<>(json.values());
    values.put("added_tokens", List.of());
    Files.writeString(directory.resolve("tokenizer.json"), Json.compact(values));
    try (TextTokenizer plain = TextTokenizer.open(directory)) {
      assertThat(plain.encode("<|endoftext|>")).hasSizeGreaterThan(1);
    }
    Files.copy(base.resolve("tokenizer_config.json"), directory.resolve("tokenizer_config.json"));

    try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
      assertThat(tokenizer.encode("<|endoftext|>")).containsExactly(0);
      assertThat(tokenizer.encode("<|im_start|>")).hasSizeGreaterThan(1);
      assertThat(tokenizer.endTokens()).contains(0);
      ChatTemplate plain =
          ChatTemplate.of("{% for m in messages %}{{ m.content }}<|endoftext|>{% endfor %}", base);
      PromptEncoder prompts = new PromptEncoder(tokenizer, plain, Map.of());
      assertThat(prompts.encode(Conversation.of(ChatMessage.user("a<|endoftext|>b"))))
          .containsOnlyOnce(0)
          .endsWith(0);
    }
  }

  @Test
  void neitherTruncatesNorPadsNorAddsABeginningWhateverTheFileAsksFor() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.byteFallback())) {
      assertThat(tokenizer.encode("hello the world 🤖 é</s>x"))
          .containsExactly(353, 339, 259, 357, 259, 243, 162, 167, 153, 259, 334, 2, 259, 283);
      assertThat(tokenizer.encode("the")).hasSize(1);
      assertThat(tokenizer.encode("")).isEmpty();
    }
  }

  @Test
  void tellsThatATextIsFarTooLongAndNeverOfOneThatFits() {
    List<String> units =
        List.of("a", " ", "\n", "word ", "<|im_end|>", "</s>", "é", "紅", "🤖", "=", "0123456789,");
    for (Path directory : List.of(TestTokenizers.base(), TestTokenizers.byteFallback())) {
      try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
        for (String unit : units) {
          for (int repeats : new int[] {1, 50, 700, 701, 20_000}) {
            String text = unit.repeat(repeats);
            int tokens = tokenizer.encode(text).length;
            assertThat(tokenizer.isFarLonger(text, tokens)).as(text).isFalse();
            for (int most : new int[] {0, 1, 100, 3000}) {
              boolean far = tokenizer.isFarLonger(text, most);
              assertThat(far && tokens <= most).as(unit + " x " + repeats).isFalse();
              boolean harmless = text.length() <= 20 * (most + 100) || tokens <= 2 * most + 200;
              assertThat(far || harmless).as(unit + " x " + repeats).isTrue();
            }
          }
        }
      }
    }
  }

  @Test
  void decodesWithOrWithoutSpecialTokens() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      int[] ids = tokenizer.encode("<|im_start|>Wer, wo ? é 🤖<|endoftext|>");
      assertThat(tokenizer.decode(ids)).isEqualTo("Wer, wo ? é 🤖");
      assertThat(tokenizer.decode(ids, true)).isEqualTo("<|im_start|>Wer, wo ? é 🤖<|endoftext|>");
      assertThat(tokenizer.decode(new int[0])).isEmpty();
    }
  }

  @Test
  void givesNoTextForIdsThatNoTokenHas() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      int[] a = tokenizer.encode("a");
      assertThat(tokenizer.decode(new int[] {4096, a[0], Integer.MAX_VALUE})).isEqualTo("a");
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.decode(new int[] {-1}));
    }
  }

  @Test
  void readsHalfASurrogatePairAsTheReplacementCharacter() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      int[] ids = tokenizer.encode("a\uD83Eb\uDD16\0c");
      assertThat(tokenizer.decode(ids)).isEqualTo("a\uFFFDb\uFFFD\0c");
    }
  }

  @Test
  void tellsTheSizeOfTheVocabulary() {
    try (TextTokenizer base = TextTokenizer.open(TestTokenizers.base());
        TextTokenizer byteFallback = TextTokenizer.open(TestTokenizers.byteFallback())) {
      assertThat(base.vocabSize()).isEqualTo(4096);
      assertThat(byteFallback.vocabSize()).isEqualTo(359);
    }
  }

  @Test
  void joinsTheEndTokensOfAllFiles() throws IOException {
    TestTokenizers.copy(TestTokenizers.byteFallback(), directory);
    assertThat(endTokens()).as("tokenizer_config.json").containsExactly(2);
    Files.writeString(directory.resolve("config.json"), "{\"eos_token_id\": 7}");
    assertThat(endTokens()).as("config.json").containsExactly(2, 7);
    Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": null}");
    assertThat(endTokens()).as("generation_config.json without one").containsExactly(2, 7);
    Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [9, 8]}");
    assertThat(endTokens()).as("generation_config.json").containsExactly(2, 9, 8, 7);
  }

  @Test
  void hasNoEndTokensWhereNoFileNamesOne() throws IOException {
    Files.copy(
        TestTokenizers.base().resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
    assertThat(endTokens()).isEmpty();
  }

  private java.util.Set<Integer> endTokens() {
    try (TextTokenizer tokenizer = TextTokenizer.open(directory)) {
      return tokenizer.endTokens();
    }
  }

  @Test
  void refusesAnEndTokenThatIsNoId() throws IOException {
    TestTokenizers.copy(TestTokenizers.byteFallback(), directory);
    Files.writeString(directory.resolve("config.json"), "{\"eos_token_id\": \"</s>\"}");
    assertRefused("config.json", "eos_token_id", "</s>");
  }

  @Test
  void refusesADirectoryThatDoesNotExist() {
    assertThatThrownBy(() -> TextTokenizer.open(directory.resolve("absent")))
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll("absent", "does not exist");
  }

  @Test
  void refusesADirectoryWithoutTokenizer() {
    assertRefused("tokenizer.json", "is missing");
  }

  @Test
  void explainsWhatToDoWithASentencePieceFile() throws IOException {
    Files.writeString(directory.resolve("tokenizer.model"), "");
    assertRefused("tokenizer.json", "tokenizer.model", "save_pretrained");
  }

  @Test
  void refusesMalformedJsonWithItsPlace() throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), "{\n  \"model\": {,}\n}");
    assertRefused("tokenizer.json", "line 2", "not valid JSON");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    String text = Files.readString(TestTokenizers.base().resolve("tokenizer.json"));
    Files.writeString(directory.resolve("tokenizer.json"), text.substring(0, 60_000));
    assertRefused("tokenizer.json", "not valid JSON");
  }

  @Test
  void refusesAFileThatIsNotText() throws IOException {
    Files.write(directory.resolve("tokenizer.json"), new byte[] {'{', (byte) 0xFF, '}'});
    assertRefused("tokenizer.json", "UTF-8");
  }

  @Test
  void refusesJsonThatIsNoTokenizer() throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), "[1]");
    assertRefused("tokenizer.json", "does not hold a JSON object");
    Files.writeString(directory.resolve("tokenizer.json"), "{}");
    assertRefused("tokenizer.json", "model.vocab");
    Files.writeString(directory.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": -3}}}");
    assertRefused("tokenizer.json", "'a'", "-3");
    Files.writeString(directory.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": 0}}}");
    assertRefused("tokenizer.json", "model.unk_token is missing");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> TextTokenizer.open(directory).close())
        .isInstanceOf(MoaException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void saysThatItIsClosed() {
    TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base());
    tokenizer.close();
    tokenizer.close();
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.encode("a"));
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.decode(new int[] {5}));
  }

  @Test
  void servesManyThreadsAtOnce() throws Exception {
    List<String> texts = List.of("select a from b", "Grüße 👩‍💻", "ls -la | wc", "<|im_end|>12");
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      List<int[]> expected = texts.stream().map(tokenizer::encode).toList();
      ExecutorService threads = Executors.newFixedThreadPool(4);
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        runs.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    int text = i % texts.size();
                    int[] ids = tokenizer.encode(texts.get(text));
                    assertThat(ids).isEqualTo(expected.get(text));
                    assertThat(tokenizer.decode(ids, true)).isEqualTo(texts.get(text));
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
      threads.shutdown();
    }
  }

  @Test
  void leavesTheSystemPropertiesAsTheyWere() {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestTokenizers.base())) {
      assertThat(tokenizer.vocabSize()).isPositive();
      assertThat(System.getProperty("RUST_FLAVOR")).isNull();
    }
  }
}
