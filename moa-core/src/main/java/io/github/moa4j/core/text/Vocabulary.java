package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What the package must know of a {@code tokenizer.json} beyond encoding and decoding: which ids
 * exist, which are special, and which stand for a single byte of a character ({@code <0xE2>}).
 */
final class Vocabulary {

  private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final int MOST_TOKENS = 1 << 24;

  private final List<AddedToken> added = new ArrayList<>();
  private final BitSet known = new BitSet();
  private final BitSet special = new BitSet();
  private final BitSet bytes = new BitSet();
  private final boolean foldsText;

  /** Reads the vocabulary of a {@code tokenizer.json}. */
  Vocabulary(JsonObject tokenizer) {
    JsonObject model = tokenizer.has("model") ? tokenizer.object("model") : tokenizer;
    Object vocabulary = model.any("vocab");
    if (vocabulary instanceof Map<?, ?> map) {
      map.forEach((piece, id) -> add(model, (String) piece, id));
    } else if (vocabulary instanceof List<?> list) {
      for (int id = 0; id < list.size(); id++) {
        if (!(list.get(id) instanceof List<?> pair)
            || pair.isEmpty()
            || !(pair.get(0) instanceof String piece)) {
          throw model.wrong("vocab", "a list of pieces with their scores");
        }
        add(model, piece, id);
      }
    } else {
      throw new MoaException(
          tokenizer.file()
              + ": model.vocab is missing; expected a tokenizer.json of the tokenizers library");
    }
    for (JsonObject token : tokenizer.objects("added_tokens")) {
      add(token);
    }
    foldsText = tokenizer.has("normalizer") && folds(tokenizer.object("normalizer"));
  }

  /** Whether a normalizer may turn characters into others that a control token is spelled with. */
  private static boolean folds(JsonObject normalizer) {
    return switch (normalizer.text("type", "")) {
      case "Sequence" -> normalizer.objects("normalizers").stream().anyMatch(Vocabulary::folds);
      case "Prepend", "Replace" -> false;
      default -> true;
    };
  }

  private void add(JsonObject token) {
    int id = token.integer("id", 0);
    String content = token.text("content");
    checkBelowMost(token, content, id);
    boolean isSpecial = token.bool("special", false);
    boolean normalized = token.bool("normalized", !isSpecial);
    added.add(new AddedToken(id, content, isSpecial, normalized, known.get(id)));
    known.set(id);
    special.set(id, isSpecial);
  }

  private void add(JsonObject model, String piece, Object id) {
    if (!(id instanceof Integer whole) || whole < 0) {
      throw new MoaException(
          model.file()
              + ": the id of token '"
              + Failure.quote(piece)
              + "' must be a whole number from 0, found "
              + Failure.quote(String.valueOf(id)));
    }
    checkBelowMost(model, piece, whole);
    known.set(whole);
    if (BYTE_TOKEN.matcher(piece).matches()) {
      bytes.set(whole);
    }
  }

  private static void checkBelowMost(JsonObject json, String piece, int id) {
    if (id >= MOST_TOKENS) {
      throw new MoaException(
          json.file()
              + ": the id of token '"
              + Failure.quote(piece)
              + "' must be below 16,777,216, found "
              + id);
    }
  }

  /** The tokens that are found before the text is split, in the file's order. */
  List<AddedToken> added() {
    return added;
  }

  /** The id of the token with exactly this content in a {@code tokenizer.json}. */
  OptionalInt id(JsonObject tokenizer, String content) {
    for (AddedToken token : added) {
      if (token.content().equals(content)) {
        return OptionalInt.of(token.id());
      }
    }
    return tokenizer.object("model").any("vocab") instanceof Map<?, ?> pieces
            && pieces.get(content) instanceof Integer id
        ? OptionalInt.of(id)
        : OptionalInt.empty();
  }

  /** Whether text may become a token that it does not spell before it is normalised. */
  boolean mayFoldInto(List<AddedToken> tokens) {
    return foldsText && tokens.stream().anyMatch(AddedToken::normalized);
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
