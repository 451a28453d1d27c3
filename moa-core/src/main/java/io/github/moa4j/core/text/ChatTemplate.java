package io.github.moa4j.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.template.Template;
import io.github.moa4j.core.template.TemplateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chat template of a model: how a conversation is written as the prompt text the model was
 * trained on. It gives the text that the Python library's {@code apply_chat_template} gives
 * (without tools), special tokens included; {@link TextTokenizer#encode(String)} turns them into
 * their ids and adds no others.
 *
 * <p>Some templates write the date of today into the prompt (Llama 3.1 and later); the variable
 * {@code date_string} sets it for those.
 *
 * <p>Immutable and thread-safe.
 */
public final class ChatTemplate {

  private static final String CONFIG = "tokenizer_config.json";

  private final Template template;
  private final String origin;
  private final Map<String, String> specialTokens;
  private final Clock clock;

  private ChatTemplate(
      Template template, String origin, Map<String, String> specialTokens, Clock clock) {
    this.template = template;
    this.origin = origin;
    this.specialTokens = specialTokens;
    this.clock = clock;
  }

  /**
   * Reads the chat template of a model directory: {@code chat_template.jinja}, else {@code
   * chat_template} in {@code chat_template.json} or {@code tokenizer_config.json} (a text, or a
   * list of named templates, of which "default" is taken). The special tokens come from {@code
   * tokenizer_config.json}.
   *
   * @throws MoaException if the model has no chat template, as base models often have none, or it
   *     is not valid
   */
  public static ChatTemplate read(Path modelDirectory) {
    Path config = modelDirectory.resolve(CONFIG);
    Map<String, String> specialTokens = SpecialTokens.read(config).byName();
    Path jinja = modelDirectory.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      return of(
          JsonFile.text(jinja),
          jinja.toString(),
          specialTokens,
          Clock.system(ZoneId.systemDefault()));
    }
    for (Path file : List.of(modelDirectory.resolve("chat_template.json"), config)) {
      Optional<String> text = JsonFile.readIfPresent(file).flatMap(node -> text(file, node));
      if (text.isPresent()) {
        return of(text.get(), file.toString(), specialTokens, Clock.system(ZoneId.systemDefault()));
      }
    }
    throw new MoaException(
        modelDirectory
            + ": has no chat template, neither chat_template.jinja nor \"chat_template\" in "
            + CONFIG
            + ". If the model's repository has one, copy that file; else give the template of the"
            + " format the model was trained on with ChatTemplate.of");
  }

  private static Optional<String> text(Path file, JsonNode config) {
    JsonNode template = config.path("chat_template");
    if (template.isMissingNode() || template.isNull()) {
      return Optional.empty();
    }
    if (template.isTextual()) {
      return Optional.of(template.textValue());
    }
    List<String> names = new ArrayList<>();
    for (JsonNode named : template) {
      names.add(named.path("name").asText());
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return Optional.of(named.get("template").textValue());
      }
    }
    throw new MoaException(
        file
            + ": chat_template must be a text or a list with a template named \"default\", found "
            + (names.isEmpty() ? template.getNodeType() : names));
  }

  /**
   * A chat template given as text.
   *
   * @param template the text, in Jinja as models' templates are
   * @param specialTokens special tokens the template names, such as {@code eos_token}, by name
   * @throws TemplateException if it is not valid
   */
  public static ChatTemplate of(String template, Map<String, String> specialTokens) {
    return of(template, "chat template", specialTokens, Clock.system(ZoneId.systemDefault()));
  }

  static ChatTemplate of(
      String template, String origin, Map<String, String> specialTokens, Clock clock) {
    try {
      return new ChatTemplate(Template.parse(template), origin, Map.copyOf(specialTokens), clock);
    } catch (TemplateException e) {
      throw new MoaException(origin + ": the chat template is not valid: " + e.getMessage(), e);
    }
  }

  /**
   * Writes a conversation as prompt text.
   *
   * @param addGenerationPrompt whether to open the assistant's turn, so that the model answers;
   *     without effect where the template has no such opening
   * @throws MoaException if the template refuses the messages, as many do when user and assistant
   *     do not take turns
   */
  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return render(messages, addGenerationPrompt, Map.of());
  }

  /**
   * Writes a conversation as prompt text, with further variables of the template such as {@code
   * enable_thinking} (Qwen3) or {@code date_string} (Llama 3.1).
   *
   * @param variables texts, numbers, booleans, lists and maps of them, or null, by name
   */
  public String render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    Map<String, Object> all = new LinkedHashMap<>(specialTokens);
    all.put("messages", messages.stream().map(ChatTemplate::variables).toList());
    all.put("add_generation_prompt", addGenerationPrompt);
    all.put("tools", null);
    all.put("documents", null);
    all.putAll(variables);
    try {
      return template.render(all, clock);
    } catch (TemplateException e) {
      throw new MoaException(origin + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> variables(ChatMessage message) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("role", message.role());
    variables.put("content", message.content());
    return variables;
  }
}
