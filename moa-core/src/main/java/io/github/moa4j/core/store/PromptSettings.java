package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Json;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What all prompts of a mixture are rendered with, so that training, evaluation and serving agree.
 *
 * @param variables variables of the chat template by name, such as {@code enable_thinking}: texts,
 *     numbers, booleans, nulls, and lists and maps of them
 * @param chatTemplate the chat template, where the base has none or another is to be used
 */
public record PromptSettings(Map<String, Object> variables, Optional<String> chatTemplate) {

  /** The base's own template without further variables. */
  public static final PromptSettings NONE = new PromptSettings(Map.of(), Optional.empty());

  /**
   * Copies the variables as they will be read again.
   *
   * @throws IllegalArgumentException if a variable has no form in JSON
   */
  public PromptSettings {
    variables = Json.copy(variables);
    Objects.requireNonNull(chatTemplate, "chatTemplate");
  }
}
