package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.template.Template;
import io.github.moa4j.core.template.TemplateException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chat template of a model: how a conversation is written as the prompt text the model was
 * trained on. It gives the text that the Python library's {@code apply_chat_template} gives,
 * special tokens included. {@link PromptEncoder} turns conversations into token ids with it.
 *
 * <p>Nothing but the conversation decides the text. Some templates write the date of today into the
 * prompt (Llama 3.1 and later), which would let prompts change from day to day: here {@code
 * strftime_now} tells {@link #DATE} unless the conversation's variable {@value #DATE_VARIABLE} has
 * another date.
 *
 * <p>Immutable and thread-safe.
 */
public final class ChatTemplate {

  /**
   * The variable that holds the date, {@code 2026-01-31} or {@code 2026-01-31T12:00:00}, which the
   * function of this name tells the template.
   */
  public static final String DATE_VARIABLE = "strftime_now";

  /** The date that templates are told unless a variable says otherwise: Llama 3's own default. */
  public static final LocalDate DATE = LocalDate.of(2024, 7, 26);

  private final Template template;
  private final Optional<Template> forTools;
  private final TemplateSource source;
  private final Map<String, String> specialTokens;

  private ChatTemplate(TemplateSource source, Map<String, String> specialTokens) {
    this.source = source;
    this.template = parse(source.text(), source.origin());
    this.forTools = source.forTools().map(text -> parse(text, source.origin()));
    this.specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * Reads the chat template of a model directory: {@code chat_template.jinja}, else {@code
   * chat_template} in {@code chat_template.json} or {@code tokenizer_config.json} (a text, or a
   * list of named templates: "default" and, for conversations with tools, "tool_use"). The special
   * tokens come from {@code tokenizer_config.json}.
   *
   * @throws MoaException if the model has no chat template, as base models often have none, or it
   *     is not valid
   */
  public static ChatTemplate read(Path modelDirectory) {
    return new ChatTemplate(
        TemplateSource.read(modelDirectory), SpecialTokens.read(modelDirectory).byName());
  }

  /**
   * A chat template given as text, for a model whose directory has none or another.
   *
   * @param template the text, in Jinja as models' templates are
   * @param modelDirectory whose {@code tokenizer_config.json} names the special tokens
   * @throws MoaException if it is not valid
   */
  public static ChatTemplate of(String template, Path modelDirectory) {
    return of(template, SpecialTokens.read(modelDirectory).byName());
  }

  /**
   * A chat template given as text.
   *
   * @param template the text, in Jinja as models' templates are
   * @param specialTokens special tokens the template names, such as {@code eos_token}, by name
   * @throws MoaException if it is not valid
   */
  public static ChatTemplate of(String template, Map<String, String> specialTokens) {
    return new ChatTemplate(TemplateSource.of(template, "chat template"), specialTokens);
  }

  private static Template parse(String text, String origin) {
    try {
      return Template.parse(text);
    } catch (TemplateException e) {
      throw new MoaException(origin + ": the chat template is not valid: " + e.getMessage(), e);
    }
  }

  /** Returns the template's own text, in Jinja. */
  public String text() {
    return source.text();
  }

  /** Returns the text of the template that writes conversations with tools, mostly the same. */
  public String toolText() {
    return source.forTools().orElse(source.text());
  }

  /**
   * Writes a conversation as prompt text.
   *
   * @param addGenerationPrompt whether to open the assistant's turn, so that the model answers;
   *     without effect where the template has no such opening
   * @throws TemplateException if the template refuses the messages, as many do when user and
   *     assistant do not take turns
   */
  public String render(Conversation conversation, boolean addGenerationPrompt) {
    Template chosen = conversation.tools().isEmpty() ? template : forTools.orElse(template);
    boolean calls = conversation.messages().stream().anyMatch(ChatMessage::callsTools);
    return render(chosen, conversation, addGenerationPrompt, calls ? silence(chosen) : "");
  }

  /**
   * What a message that only calls tools says to the template: nothing or none, as some templates
   * write the calls in one of these cases only.
   *
   * @throws TemplateException if the template writes calls in neither case
   */
  private String silence(Template chosen) {
    String name = "paraphrase_function";
    ToolCall call = new ToolCall("abcdefghi", name, Map.of());
    Conversation calling = Conversation.of(ChatMessage.user("text"), ChatMessage.calling(call));
    for (String silence : new String[] {"", null}) {
      try {
        if (render(chosen, calling, false, silence).contains(name)) {
          return silence;
        }
      } catch (MoaException e) {
        // such a message is refused; the other may not be
      }
    }
    throw new TemplateException(
            "the chat template writes no calls of tools, so they would be lost; use a model or a"
                + " template that knows tools, or write the calls as text")
        .of(source.origin());
  }

  private String render(
      Template chosen, Conversation conversation, boolean addGenerationPrompt, String silence) {
    Map<String, Object> all = new LinkedHashMap<>(specialTokens);
    all.put(
        "messages",
        conversation.messages().stream().map(message -> fields(message, silence)).toList());
    all.put("add_generation_prompt", addGenerationPrompt);
    all.put("tools", conversation.tools().isEmpty() ? null : conversation.tools());
    all.put("documents", conversation.documents().isEmpty() ? null : conversation.documents());
    all.putAll(conversation.variables());
    Clock clock = clock(all.remove(DATE_VARIABLE));
    return render(chosen, all, clock);
  }

  /** Writes messages without tools, documents and variables as prompt text. */
  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return render(Conversation.of(messages), addGenerationPrompt);
  }

  private String render(Template chosen, Map<String, Object> variables, Clock clock) {
    try {
      return chosen.render(variables, clock);
    } catch (TemplateException e) {
      throw e.of(source.origin());
    }
  }

  private static Clock clock(Object date) {
    try {
      LocalDateTime time =
          date == null
              ? DATE.atStartOfDay()
              : date.toString().contains("T")
                  ? LocalDateTime.parse(date.toString())
                  : LocalDate.parse(date.toString()).atStartOfDay();
      return Clock.fixed(time.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      TemplateException wrong =
          new TemplateException(
              "the template variable "
                  + DATE_VARIABLE
                  + " must be a date such as 2026-01-31 or 2026-01-31T12:00:00");
      wrong.initCause(e);
      throw wrong;
    }
  }

  private Map<String, Object> fields(ChatMessage message, String silence) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("role", message.role());
    boolean silent = message.callsTools() && message.content().isEmpty();
    fields.put("content", silent ? silence : message.content());
    fields.putAll(message.fields());
    if (message.parts().isPresent() && !readsParts()) {
      fields.put("content", message.content());
    }
    return fields;
  }

  /** Whether the template writes a content in parts as it writes the same content as a text. */
  private boolean readsParts() {
    ChatMessage text = ChatMessage.user("text");
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("role", "user");
    parts.putAll(ChatMessage.ofParts("user", List.of("text")).fields());
    Map<String, Object> variables = new LinkedHashMap<>(specialTokens);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", true);
    variables.put("messages", List.of(parts));
    try {
      return render(template, variables, clock(null)).equals(render(List.of(text), true));
    } catch (MoaException e) {
      return false;
    }
  }

  /** Whether a text occurs in the template, or is given to it, and so may be one of its marks. */
  boolean mentions(String text) {
    return specialTokens.containsValue(text)
        || source.text().contains(text)
        || source.forTools().map(other -> other.contains(text)).orElse(false);
  }
}
