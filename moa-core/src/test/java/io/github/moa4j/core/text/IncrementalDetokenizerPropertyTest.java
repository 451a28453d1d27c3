package io.github.moa4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/** The pieces of every answer, joined, are its text; none of them ends within a character. */
class IncrementalDetokenizerPropertyTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final TextTokenizer BASE = TextTokenizer.open(TestTokenizers.base());
  private static final TextTokenizer BYTE_FALLBACK =
      TextTokenizer.open(TestTokenizers.byteFallback());

  private static final TextTokenizer METASPACE = metaspace();

  /** The byte-fallback tokenizer with the decoder that newer conversions have. */
  private static TextTokenizer metaspace() {
    String decoder =
        """
        {"type": "Sequence", "decoders": [{"type": "ByteFallback"},
          {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}]}\
        """;
    try {
      Path directory = Files.createTempDirectory("metaspace");
      Path file = directory.resolve("tokenizer.json");
      ObjectNode json =
          (ObjectNode)
              MAPPER.readTree(TestTokenizers.byteFallback().resolve("tokenizer.json").toFile());
      json.set("decoder", MAPPER.readTree(decoder));
      MAPPER.writeValue(file.toFile(), json);
      TextTokenizer tokenizer = TextTokenizer.open(directory);
      Files.delete(file);
      Files.delete(directory);
      return tokenizer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterContainer
  static void close() {
    METASPACE.close();
    BASE.close();
    BYTE_FALLBACK.close();
  }

  @Property(tries = 500)
  void textInPiecesIsTheWholeText(@ForAll("texts") String text) {
    assertPiecesMakeTheText(BASE, BASE.encode(text));
    assertThat(BASE.decode(BASE.encode(text))).isEqualTo(text);
    assertPiecesMakeTheText(BYTE_FALLBACK, BYTE_FALLBACK.encode(text));
    assertPiecesMakeTheText(METASPACE, METASPACE.encode(text));
  }

  @Property(tries = 500)
  void anyIdsOfAByteLevelVocabularyInPiecesAreTheWholeText(@ForAll("baseIds") int[] ids) {
    assertPiecesMakeTheText(BASE, ids);
  }

  @Property(tries = 500)
  void anyIdsOfAByteFallbackVocabularyInPiecesAreTheWholeText(@ForAll("fallbackIds") int[] ids) {
    assertPiecesMakeTheText(BYTE_FALLBACK, ids);
    assertPiecesMakeTheText(METASPACE, ids);
  }

  private static void assertPiecesMakeTheText(TextTokenizer tokenizer, int[] ids) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      String piece = detokenizer.accept(id);
      assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
          .isTrue();
      text.append(piece);
    }
    text.append(detokenizer.finish());
    assertThat(text.toString()).isEqualTo(tokenizer.decode(ids));
  }

  /** Plain words, joined emoji, combining marks, scripts of two to four bytes, U+FFFD itself. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "the ",
            " of",
            "  ",
            "x",
            "42",
            "\n",
            "▁",
            "é",
            "e\u0301",
            "ü",
            "€",
            "漢字",
            "नमस्ते",
            "🤖",
            "👩‍💻",
            "👨‍👩‍👧‍👦",
            "🏳️‍🌈",
            "\uFFFD",
            "\u200D",
            "𝔸",
            "<0xE2>");
    Arbitrary<String> any =
        Arbitraries.strings()
            .all()
            .ofMaxLength(3)
            .map(IncrementalDetokenizerPropertyTest::wellFormed);
    return Arbitraries.oneOf(parts, any).list().ofMaxSize(12).map(list -> String.join("", list));
  }

  /** Many of the 256 tokens of one byte, which stand at the begin of the vocabulary. */
  @Provide
  Arbitrary<int[]> baseIds() {
    return ids(Arbitraries.integers().between(97, 258), Arbitraries.integers().between(0, 4100));
  }

  @Provide
  Arbitrary<int[]> fallbackIds() {
    return ids(
        Arbitraries.of(259, 335, 339, 353, 240, 140, 150, 2),
        Arbitraries.integers().between(0, 360));
  }

  private static Arbitrary<int[]> ids(Arbitrary<Integer> special, Arbitrary<Integer> any) {
    return Arbitraries.oneOf(special, any)
        .list()
        .ofMaxSize(60)
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray());
  }

  private static String wellFormed(String text) {
    return text.codePoints()
        .filter(c -> c < 0xD800 || c > 0xDFFF)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
