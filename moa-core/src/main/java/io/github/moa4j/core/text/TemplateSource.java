package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The text of a chat template, and where it stands in a model directory.
 *
 * @param text the template of any conversation
 * @param forTools the template of conversations with tools, where it is another
 * @param origin the file, for errors
 */
record TemplateSource(String text, Optional<String> forTools, String origin) {

  private static final String KEY = "chat_template";
  private static final int LARGEST = 1 << 24;

  static TemplateSource of(String text, String origin) {
    return new TemplateSource(text, Optional.empty(), origin);
  }

  static TemplateSource read(Path directory) {
    Path jinja = directory.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      Path forTools = directory.resolve("additional_chat_templates").resolve("tool_use.jinja");
      return new TemplateSource(
          text(jinja),
          Files.exists(forTools) ? Optional.of(text(forTools)) : Optional.empty(),
          jinja.toString());
    }
    for (String name : List.of("chat_template.json", "tokenizer_config.json")) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        JsonObject config = JsonObject.read(file, MoaException::new);
        if (config.has(KEY)) {
          return of(config, file.toString());
        }
      }
    }
    throw new MoaException(
        directory
            + ": has no chat template, neither chat_template.jinja nor \"chat_template\" in"
            + " tokenizer_config.json, as base models often have none. If the model's repository"
            + " has one, copy that file; else give the template of the format the model is to learn"
            + " or was trained on, as a text, where the mixture is created or opened");
  }

  private static String text(Path file) {
    return TextFile.read(file, LARGEST, MoaException::new);
  }

  private static TemplateSource of(JsonObject config, String origin) {
    if (config.any(KEY) instanceof String text) {
      return of(text, origin);
    }
    if (!(config.any(KEY) instanceof List)) {
      throw config.wrong(KEY, "a text or a list of named templates");
    }
    Map<String, String> named = new LinkedHashMap<>();
    for (JsonObject template : config.objects(KEY)) {
      named.put(template.text("name"), template.text("template"));
    }
    if (!named.containsKey("default")) {
      throw config.wrong(KEY, "a text or a list with a template named \"default\"");
    }
    return new TemplateSource(
        named.get("default"), Optional.ofNullable(named.get("tool_use")), origin);
  }
}
