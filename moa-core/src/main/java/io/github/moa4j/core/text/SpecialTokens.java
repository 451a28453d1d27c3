package io.github.moa4j.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.moa4j.core.MoaException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The named special tokens of a {@code tokenizer_config.json}, such as {@code eos_token}. */
record SpecialTokens(Map<String, String> byName) {

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

  /** Reads them; none if there is no such file. */
  static SpecialTokens read(Path file) {
    return JsonFile.readIfPresent(file)
        .map(config -> of(file, config))
        .orElse(new SpecialTokens(Map.of()));
  }

  /**
   * The special tokens in {@code config}, the content of {@code file}: strings, objects or null.
   */
  static SpecialTokens of(Path file, JsonNode config) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : NAMES) {
      JsonNode token = config.path(name);
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (content.isTextual()) {
        tokens.put(name, content.textValue());
      } else if (!token.isMissingNode() && !token.isNull()) {
        throw new MoaException(
            file
                + ": "
                + name
                + " must be a string, null or an object with \"content\", found "
                + token);
      }
    }
    return new SpecialTokens(tokens);
  }

  /** The token of a name such as {@code eos_token}, if the model has one. */
  Optional<String> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
