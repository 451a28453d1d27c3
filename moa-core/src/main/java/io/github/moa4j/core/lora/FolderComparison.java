package io.github.moa4j.core.lora;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.files.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares what lies in an adapter's folder with what lies in the base's: the base's name and the
 * files of the tokenizer, which PEFT's users often save beside an adapter. A tokenizer is the
 * base's; one beside the adapter is never used, so that any difference must be said.
 */
final class FolderComparison {

  private static final int MAX_TEMPLATE_BYTES = 1 << 22;
  private static final String CACHED = "models--"; // how the Hugging Face cache names a repository
  private static final List<String> SPECIAL_TOKENS =
      List.of("bos_token", "eos_token", "pad_token", "unk_token");
  private static final List<String> SETTINGS = List.of("add_bos_token", "add_eos_token");

  private final Path adapter;
  private final Path base;
  private final List<AdapterDifference> differences = new ArrayList<>();

  private FolderComparison(Path adapter, Path base) {
    this.adapter = adapter;
    this.base = base;
  }

  static List<AdapterDifference> of(Path adapter, Path base) {
    FolderComparison comparison = new FolderComparison(adapter, base);
    comparison.compareNames();
    comparison.attempt("tokenizer.json", comparison::compareVocabularies);
    comparison.attempt("added_tokens.json", comparison::compareAddedTokens);
    comparison.attempt("tokenizer_config.json", comparison::compareSettings);
    comparison.attempt("chat_template.jinja", comparison::compareTemplates);
    return List.copyOf(comparison.differences);
  }

  /** A file of the adapter's tokenizer that cannot be read is a difference too: it is not used. */
  private void attempt(String file, Runnable comparison) {
    try {
      comparison.run();
    } catch (MoaException e) {
      differences.add(
          new AdapterDifference(file, "not comparable", "used (" + e.getMessage() + ")"));
    }
  }

  private void compareNames() {
    JsonObject config = json(adapter.resolve(PeftFormat.CONFIG));
    if (!(config.any("base_model_name_or_path") instanceof String name) || name.isEmpty()) {
      return;
    }
    Set<String> names = new LinkedHashSet<>(lastNames(base.toAbsolutePath().toString()));
    if (Files.exists(base.resolve("config.json"))
        && json(base.resolve("config.json")).any("_name_or_path") instanceof String own) {
      names.addAll(lastNames(own));
    }
    if (lastNames(name).stream().noneMatch(names::contains)) {
      add("base_model_name_or_path", name, base.toString());
    }
  }

  /** What can be the name of a model in a path or an identifier of the hub, in small letters. */
  private static Set<String> lastNames(String path) {
    Set<String> names = new LinkedHashSet<>();
    String[] parts =
        path.replaceAll("[/\\\\]+$", "").toLowerCase(Locale.ROOT).split("[/\\\\]+", -1);
    names.add(parts[parts.length - 1]);
    for (String part : parts) {
      if (part.startsWith(CACHED)) {
        names.add(part.substring(part.lastIndexOf("--") + 2));
      }
    }
    return names;
  }

  private void compareVocabularies() {
    if (!inBoth("tokenizer.json") || same("tokenizer.json")) {
      return;
    }
    JsonObject own = json(adapter.resolve("tokenizer.json"));
    JsonObject other = json(base.resolve("tokenizer.json"));
    Object vocabulary = inner(own.any("model"), "vocab");
    Object otherVocabulary = inner(other.any("model"), "vocab");
    boolean known =
        compareTokens("tokenizer.json: added_tokens", addedTokens(own), addedTokens(other));
    if (!Objects.equals(vocabulary, otherVocabulary)) {
      add("tokenizer.json: vocab", size(vocabulary), size(otherVocabulary));
    } else if (!known && !own.values().equals(other.values())) {
      add("tokenizer.json", "another file", "used");
    }
  }

  private boolean same(String file) {
    return Sha256.of(adapter.resolve(file), AdapterException::new)
        .equals(Sha256.of(base.resolve(file), AdapterException::new));
  }

  private void compareAddedTokens() {
    if (!Files.exists(adapter.resolve("added_tokens.json"))) {
      return;
    }
    Map<String, Object> own = new TreeMap<>(json(adapter.resolve("added_tokens.json")).values());
    Map<String, Object> other = new TreeMap<>();
    if (Files.exists(base.resolve("tokenizer.json"))) {
      other.putAll(addedTokens(json(base.resolve("tokenizer.json"))));
    }
    if (Files.exists(base.resolve("added_tokens.json"))) {
      other.putAll(json(base.resolve("added_tokens.json")).values());
    }
    other.keySet().retainAll(own.keySet()); // an adapter's file need not name all of them
    compareTokens("added_tokens.json", own, other);
  }

  /** Whether there was a difference. */
  private boolean compareTokens(String what, Map<String, Object> own, Map<String, Object> other) {
    if (own.equals(other)) {
      return false;
    }
    Map<String, Object> ownOnly = new TreeMap<>(own);
    ownOnly.entrySet().removeAll(other.entrySet());
    Map<String, Object> otherOnly = new TreeMap<>(other);
    otherOnly.entrySet().removeAll(own.entrySet());
    add(what, "with " + ownOnly, "with " + otherOnly);
    return true;
  }

  private static Map<String, Object> addedTokens(JsonObject tokenizer) {
    Map<String, Object> tokens = new TreeMap<>();
    if (tokenizer.any("added_tokens") instanceof List<?> list) {
      for (Object token : list) {
        tokens.put(String.valueOf(inner(token, "content")), inner(token, "id"));
      }
    }
    return tokens;
  }

  private void compareSettings() {
    if (!inBoth("tokenizer_config.json")) {
      return;
    }
    JsonObject own = json(adapter.resolve("tokenizer_config.json"));
    JsonObject other = json(base.resolve("tokenizer_config.json"));
    for (String key : SPECIAL_TOKENS) {
      compare(key, content(own.any(key)), content(other.any(key)));
    }
    for (String key : SETTINGS) {
      compare(key, own.any(key), other.any(key));
    }
  }

  /** A key that the adapter's file leaves out says nothing. */
  private void compare(String key, Object own, Object other) {
    if (own != null && !own.equals(other)) {
      add(key, String.valueOf(own), String.valueOf(other));
    }
  }

  private void compareTemplates() {
    Object own = template(adapter);
    Object other = template(base);
    if (own != null && !own.equals(other)) {
      add("chat_template", String.valueOf(own), other == null ? "missing" : String.valueOf(other));
    }
  }

  /** The template of a folder, a text or named ones; null if there is none. */
  private static Object template(Path folder) {
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return TextFile.read(file, MAX_TEMPLATE_BYTES, AdapterException::new);
    }
    Path config = folder.resolve("tokenizer_config.json");
    return Files.exists(config) ? json(config).any("chat_template") : null;
  }

  private boolean inBoth(String file) {
    return Files.exists(adapter.resolve(file)) && Files.exists(base.resolve(file));
  }

  private static JsonObject json(Path file) {
    return JsonObject.read(file, AdapterException::new);
  }

  /** A special token is a text, or an object that holds it. */
  private static Object content(Object token) {
    return token instanceof Map<?, ?> map ? map.get("content") : token;
  }

  private static Object inner(Object object, String key) {
    return object instanceof Map<?, ?> map ? map.get(key) : null;
  }

  private static String size(Object vocabulary) {
    if (vocabulary instanceof Map<?, ?> map) {
      return map.size() + " entries";
    }
    return vocabulary instanceof List<?> list ? list.size() + " entries" : "missing";
  }

  private void add(String what, String ofAdapter, String ofBase) {
    differences.add(
        new AdapterDifference(
            what, "\"" + Failure.quote(ofAdapter) + "\"", "\"" + Failure.quote(ofBase) + "\""));
  }
}
