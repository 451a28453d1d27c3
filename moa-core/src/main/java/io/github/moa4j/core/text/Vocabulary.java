package io.github.moa4j.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What the package must know of a {@code tokenizer.json} beyond encoding and decoding: which ids
 * exist, which are special, and which stand for a single byte of a character ({@code <0xE2>}).
 */
final class Vocabulary {

  private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  private final BitSet known = new BitSet();
  private final BitSet special = new BitSet();
  private final BitSet bytes = new BitSet();

  /** Reads the vocabulary of {@code tokenizer}, the content of {@code file}. */
  Vocabulary(Path file, JsonNode tokenizer) {
    JsonNode pieces = pieces(tokenizer);
    if (pieces.isObject()) {
      pieces.properties().forEach(e -> add(file, e.getKey(), e.getValue()));
    } else if (pieces.isArray()) {
      for (int id = 0; id < pieces.size(); id++) {
        add(file, pieces.get(id).path(0).asText(), id);
      }
    } else {
      throw new MoaException(
          file + ": model.vocab is missing; expected a tokenizer.json of the tokenizers library");
    }
    for (JsonNode token : addedTokens(tokenizer)) {
      add(file, "", token.path("id"));
      if (token.path("special").asBoolean()) {
        special.set(token.get("id").intValue());
      }
    }
  }

  private static JsonNode pieces(JsonNode tokenizer) {
    return tokenizer.path("model").path("vocab");
  }

  private static JsonNode addedTokens(JsonNode tokenizer) {
    return tokenizer.path("added_tokens");
  }

  /** The id of the token with exactly this content in a {@code tokenizer.json}. */
  static OptionalInt id(JsonNode tokenizer, String content) {
    for (JsonNode token : addedTokens(tokenizer)) {
      if (token.path("content").asText().equals(content)) {
        return OptionalInt.of(token.get("id").intValue());
      }
    }
    JsonNode id = pieces(tokenizer).get(content);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id.intValue());
  }

  private void add(Path file, String piece, JsonNode id) {
    if (!id.canConvertToInt() || id.intValue() < 0) {
      throw new MoaException(
          file + ": the id of token '" + piece + "' must be a whole number from 0, found " + id);
    }
    add(file, piece, id.intValue());
  }

  private void add(Path file, String piece, int id) {
    if (id >= 1 << 24) {
      throw new MoaException(
          file + ": the id of token '" + piece + "' must be below 16,777,216, found " + id);
    }
    known.set(id);
    if (BYTE_TOKEN.matcher(piece).matches()) {
      bytes.set(id);
    }
  }

  /** The highest id plus one. */
  int size() {
    return known.length();
  }

  /** Whether decoding gives this id any text: it exists and is not special. */
  boolean hasText(int id) {
    return known.get(id) && !special.get(id);
  }

  /** Whether this id is one byte of a character. */
  boolean isByte(int id) {
    return bytes.get(id);
  }
}
