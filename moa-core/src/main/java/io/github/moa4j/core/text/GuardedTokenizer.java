package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tokenizer in which the control tokens have names that nobody can guess, so that no text spells
 * one by chance or by will. The same tokenizer otherwise: all other text has the same tokens.
 *
 * <p>Thread-safe. Holds native memory.
 */
final class GuardedTokenizer implements AutoCloseable {

  private final NativeTokenizer tokenizer;
  private final Map<AddedToken, String> names = new HashMap<>();
  private final Map<Integer, Integer> ids = new HashMap<>();

  /**
   * Builds it from the checked content of a {@code tokenizer.json}.
   *
   * @param file the file, for errors
   */
  GuardedTokenizer(Path file, Map<String, Object> json, List<AddedToken> control) {
    byte[] secret = new byte[12];
    new SecureRandom().nextBytes(secret);
    Map<String, String> byContent = new HashMap<>();
    for (AddedToken token : control) {
      String name = HexFormat.of().formatHex(secret) + "x" + token.id() + "x";
      names.put(token, name);
      byContent.put(token.content(), name);
    }
    this.tokenizer = new NativeTokenizer(file, Json.compact(renamed(json, byContent)));
    names.forEach((token, name) -> ids.put(idOf(name, token, file), token.id()));
  }

  /** The native library gives a token that its model does not know another id. */
  private int idOf(String name, AddedToken token, Path file) {
    int highest = -1;
    for (int id : tokenizer.encode(name)) {
      if (id == token.id()) {
        return id;
      }
      highest = Math.max(highest, id);
    }
    if (highest < 0) {
      tokenizer.close();
      throw new MoaException(
          file + ": the control token '" + token.content() + "' cannot be told apart from text");
    }
    return highest;
  }

  /** The name that stands for a control token in a text. */
  String name(AddedToken token) {
    return names.get(token);
  }

  /** The token ids of a text in which control tokens have their names. */
  int[] encode(String text) {
    int[] tokens = tokenizer.encode(text);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids.getOrDefault(tokens[i], tokens[i]);
    }
    return tokens;
  }

  private static Map<String, Object> renamed(Map<String, Object> json, Map<String, String> names) {
    Map<String, Object> all = new LinkedHashMap<>(json);
    List<Object> added = new ArrayList<>();
    for (Object token : (List<?>) json.get("added_tokens")) {
      added.add(withName((Map<?, ?>) token, "content", names));
    }
    all.put("added_tokens", added);
    Map<Object, Object> model = withName((Map<?, ?>) json.get("model"), "unk_token", names);
    model.computeIfPresent("vocab", (key, vocabulary) -> renamedPieces(vocabulary, names));
    model.computeIfPresent("merges", (key, merges) -> withoutNamed((List<?>) merges, names));
    all.put("model", model);
    return all;
  }

  private static Map<Object, Object> withName(
      Map<?, ?> object, String key, Map<String, String> names) {
    Map<Object, Object> renamed = new LinkedHashMap<>(object);
    renamed.computeIfPresent(key, (same, content) -> name(content, names));
    return renamed;
  }

  private static Object name(Object content, Map<String, String> names) {
    return content instanceof String text ? names.getOrDefault(text, text) : content;
  }

  private static Object renamedPieces(Object vocabulary, Map<String, String> names) {
    if (vocabulary instanceof Map<?, ?> pieces) {
      Map<Object, Object> renamed = new LinkedHashMap<>();
      pieces.forEach((piece, id) -> renamed.put(name(piece, names), id));
      return renamed;
    }
    List<Object> renamed = new ArrayList<>();
    for (Object piece : (List<?>) vocabulary) {
      List<?> scored = (List<?>) piece;
      renamed.add(List.of(name(scored.get(0), names), scored.get(1)));
    }
    return renamed;
  }

  /** Merges that make a control token out of text, or go on from one, have no place in text. */
  private static List<Object> withoutNamed(List<?> merges, Map<String, String> names) {
    List<Object> kept = new ArrayList<>();
    for (Object merge : merges) {
      List<?> pair = (List<?>) merge;
      if (!names.containsKey("" + pair.get(0) + pair.get(1))
          && !names.containsKey(pair.get(0))
          && !names.containsKey(pair.get(1))) {
        kept.add(merge);
      }
    }
    return kept;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
