package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code tokenizer.json} as it is given to the native library: only what has a meaning there, and
 * checked. What is not needed here is left out: truncation, padding, the post-processor, which adds
 * tokens that nobody asks for, and the random dropout of training.
 */
final class TokenizerFile {

  private final JsonObject json;

  private TokenizerFile(JsonObject json) {
    this.json = json;
  }

  /**
   * The checked content of a file.
   *
   * @throws MoaException if a part is of an unknown type, or a field holds what it must not
   */
  static Map<String, Object> checked(JsonObject json) {
    return new TokenizerFile(json).checked();
  }

  private Map<String, Object> checked() {
    Map<String, Object> checked = new LinkedHashMap<>();
    checked.put("version", "1.0");
    checked.put("truncation", null);
    checked.put("padding", null);
    checked.put("added_tokens", addedTokens());
    checked.put("normalizer", part("normalizer", TokenizerParts.NORMALIZERS));
    checked.put("pre_tokenizer", part("pre_tokenizer", TokenizerParts.PRE_TOKENIZERS));
    checked.put("post_processor", null);
    checked.put("decoder", part("decoder", TokenizerParts.DECODERS));
    checked.put("model", model(json.object("model")));
    return checked;
  }

  private Object part(String name, Map<String, Map<String, TokenizerParts.Kind>> types) {
    return json.has(name) ? new TokenizerParts(types).checked(json.object(name)) : null;
  }

  private List<Object> addedTokens() {
    List<Object> tokens = new ArrayList<>();
    for (JsonObject token : json.objects("added_tokens")) {
      boolean special = token.bool("special", false);
      String content = WellFormed.text(token, "content");
      if (content.isEmpty()) {
        throw token.wrong("content", "a text that is not empty");
      }
      Map<String, Object> checked = new LinkedHashMap<>();
      checked.put("id", token.integer("id", 0));
      checked.put("content", content);
      for (String flag : List.of("single_word", "lstrip", "rstrip")) {
        checked.put(flag, token.bool(flag, false));
      }
      checked.put("normalized", token.bool("normalized", !special));
      checked.put("special", special);
      tokens.add(checked);
    }
    return tokens;
  }

  private Map<String, Object> model(JsonObject model) {
    String type = model.has("type") ? model.text("type") : inferred(model);
    Map<String, Object> checked = new LinkedHashMap<>();
    checked.put("type", type);
    switch (type) {
      case "BPE" -> bytePairs(model, checked);
      case "Unigram" -> unigram(model, checked);
      case "WordPiece" -> {
        checked.put("unk_token", unknown(model));
        checked.put("continuing_subword_prefix", text(model, "continuing_subword_prefix", "##"));
        checked.put("max_input_chars_per_word", model.positiveInt("max_input_chars_per_word", 100));
        checked.put("vocab", pieces(model));
      }
      case "WordLevel" -> {
        checked.put("vocab", pieces(model));
        checked.put("unk_token", unknown(model));
      }
      default -> throw model.wrong("type", "BPE, Unigram, WordPiece or WordLevel");
    }
    return checked;
  }

  /** Files of old versions do not name the type. */
  private static String inferred(JsonObject model) {
    if (model.has("merges")) {
      return "BPE";
    }
    return model.any("vocab") instanceof List
        ? "Unigram"
        : model.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
  }

  private static void bytePairs(JsonObject model, Map<String, Object> checked) {
    String prefix = text(model, "continuing_subword_prefix", "");
    checked.put("dropout", null);
    checked.put("unk_token", model.has("unk_token") ? unknown(model) : null);
    checked.put("continuing_subword_prefix", prefix.isEmpty() ? null : prefix);
    String suffix = text(model, "end_of_word_suffix", "");
    checked.put("end_of_word_suffix", suffix.isEmpty() ? null : suffix);
    for (String flag : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      checked.put(flag, model.bool(flag, false));
    }
    Map<?, ?> pieces = pieces(model);
    checked.put("vocab", pieces);
    checked.put("merges", merges(model, prefix, pieces));
  }

  /** Both sides of a merge and what it makes are pieces; the right one begins with the prefix. */
  private static List<List<String>> merges(JsonObject model, String prefix, Map<?, ?> pieces) {
    if (!(model.any("merges") instanceof List<?> list)) {
      throw model.wrong("merges", "a list of pairs of pieces");
    }
    List<List<String>> merges = new ArrayList<>(list.size());
    for (Object element : list) {
      List<?> pair =
          element instanceof String text ? List.of(text.split(" ", -1)) : listOf(element);
      if (pair.size() != 2
          || !(pair.get(0) instanceof String left)
          || !(pair.get(1) instanceof String right)
          || !right.startsWith(prefix)
          || !pieces.containsKey(left)
          || !pieces.containsKey(right)
          || !pieces.containsKey(left + right.substring(prefix.length()))) {
        throw new MoaException(
            model.file()
                + ": the merge "
                + Failure.quote(String.valueOf(element))
                + " does not join two pieces of the vocabulary to a third");
      }
      merges.add(List.of(left, right));
    }
    return merges;
  }

  private static List<?> listOf(Object element) {
    return element instanceof List<?> list ? list : List.of();
  }

  private static void unigram(JsonObject model, Map<String, Object> checked) {
    List<?> pieces = listOf(model.any("vocab"));
    List<List<Object>> vocabulary = new ArrayList<>(pieces.size());
    for (Object element : pieces) {
      List<?> pair = listOf(element);
      if (pair.size() != 2
          || !(pair.get(0) instanceof String piece)
          || piece.isEmpty()
          || !WellFormed.is(piece)
          || !(pair.get(1) instanceof Number score)
          || !(Math.abs(score.doubleValue()) < Float.MAX_VALUE)) {
        throw new MoaException(
            model.file()
                + ": a piece of the vocabulary is "
                + Failure.quote(String.valueOf(element))
                + ", but must be a text with a finite score");
      }
      vocabulary.add(List.of(piece, score.doubleValue()));
    }
    if (vocabulary.isEmpty()) {
      throw model.wrong("vocab", "a list of pieces with their scores");
    }
    if (model.has("unk_id") && model.integer("unk_id", 0) >= vocabulary.size()) {
      throw model.wrong("unk_id", "the number of a piece");
    }
    checked.put("unk_id", model.has("unk_id") ? model.integer("unk_id", 0) : null);
    checked.put("vocab", vocabulary);
    checked.put("byte_fallback", model.bool("byte_fallback", false));
  }

  private static Map<?, ?> pieces(JsonObject model) {
    if (!(model.any("vocab") instanceof Map<?, ?> pieces) || pieces.isEmpty()) {
      throw model.wrong("vocab", "an object of pieces with their ids");
    }
    for (Object piece : pieces.keySet()) {
      if (!WellFormed.is((String) piece)) {
        throw model.wrong("vocab", "pieces without half surrogate pairs");
      }
    }
    return pieces;
  }

  private static String unknown(JsonObject model) {
    String token = WellFormed.text(model, "unk_token");
    if (!(model.any("vocab") instanceof Map<?, ?> pieces) || !pieces.containsKey(token)) {
      throw model.wrong("unk_token", "a piece of the vocabulary");
    }
    return token;
  }

  private static String text(JsonObject model, String key, String otherwise) {
    return model.has(key) ? WellFormed.text(model, key) : otherwise;
  }
}
