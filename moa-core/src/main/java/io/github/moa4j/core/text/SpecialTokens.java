package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The named special tokens of a model directory, such as {@code eos_token}. */
record SpecialTokens(Map<String, String> byName) {

  private static final List<String> FILES =
      List.of("tokenizer_config.json", "special_tokens_map.json");

  private static final String ADDED = "added_tokens";

  private static final List<String> NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  SpecialTokens {
    byName = Map.copyOf(byName);
  }

  /**
   * Reads them from {@code tokenizer_config.json}, and those it does not mention from {@code
   * special_tokens_map.json}; none where there is no such file.
   */
  static SpecialTokens read(Path modelDirectory) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : FILES) {
      Path file = modelDirectory.resolve(name);
      if (Files.exists(file)) {
        add(JsonObject.read(file, MoaException::new), tokens);
      }
    }
    tokens.values().removeIf(String::isEmpty);
    return new SpecialTokens(tokens);
  }

  /** Adds what is not known yet; a token is a string or an object, null says there is none. */
  private static void add(JsonObject config, Map<String, String> tokens) {
    for (String name : NAMES) {
      Object token = config.any(name);
      Object content = token instanceof Map<?, ?> added ? added.get("content") : token;
      if (content instanceof String text) {
        tokens.putIfAbsent(name, text);
      } else if (token != null) {
        throw config.wrong(name, "a string, null or an object with \"content\"");
      } else if (config.keys().contains(name)) {
        tokens.putIfAbsent(name, "");
      }
    }
  }

  /**
   * A {@code tokenizer.json} that lists these tokens as special ones: as in the Python libraries, a
   * token of the vocabulary is special if only the configuration says so.
   */
  JsonObject addedTo(JsonObject tokenizer) {
    Set<String> unlisted = new TreeSet<>(byName.values());
    for (JsonObject token : tokenizer.objects(ADDED)) {
      unlisted.remove(token.text("content"));
    }
    if (unlisted.isEmpty()) {
      return tokenizer; // as nearly always, so that no vocabulary is read twice
    }
    Vocabulary vocabulary = new Vocabulary(tokenizer);
    List<Object> added = new ArrayList<>();
    for (String token : unlisted) {
      vocabulary.id(tokenizer, token).ifPresent(id -> added.add(entry(id, token)));
    }
    return added.isEmpty() ? tokenizer : listing(tokenizer, added);
  }

  private static JsonObject listing(JsonObject tokenizer, List<Object> more) {
    Map<String, Object> values = new LinkedHashMap<>(tokenizer.values());
    List<Object> all = new ArrayList<>();
    if (values.get(ADDED) instanceof List<?> listed) {
      all.addAll(listed);
    }
    all.addAll(more);
    values.put(ADDED, all);
    return JsonObject.parse(Json.compact(values), tokenizer.file(), MoaException::new);
  }

  private static Map<String, Object> entry(int id, String token) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", id);
    entry.put("content", token);
    entry.put("single_word", false);
    entry.put("lstrip", false);
    entry.put("rstrip", false);
    entry.put("normalized", false);
    entry.put("special", true);
    return entry;
  }

  /** The token of a name such as {@code eos_token}, if the model has one. */
  Optional<String> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
