package io.github.moa4j.server;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.core.tool.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what clients ask for. Whatever it does not honour it refuses, unless it cannot matter. */
final class RequestReader {

  private static final double MOST_TEMPERATURE = 100;
  private static final double LEAST_TOP_P = 1e-9; // OpenAI has 0, which keeps one token as well
  private static final int MOST_STOPS = 16;
  private static final int MOST_TOP_LOGPROBS = 20; // as OpenAI has them
  private static final int MOST_LOGPROBS = 5;

  /** Texts that change nothing here. */
  private static final List<String> NOTES =
      List.of(
          "user",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention");

  private final ServerSettings settings;

  RequestReader(ServerSettings settings) {
    this.settings = settings;
  }

  /** Reads a request to {@code /v1/chat/completions}. */
  Asked chat(byte[] body) {
    Fields fields = Fields.parse(body);
    String model = fields.text("model");
    RequestedTools tools = RequestedTools.read(fields);
    Conversation conversation = tools.in(conversation(fields));
    if (tools.choice().forces() && AnswerForm.isIn(fields)) {
      throw ApiError.badRequest(
          "tool_choice", "A call that is forced and a form of the answer exclude each other.");
    }
    fields.unsupported("modalities", List.of("text"));
    fields.unsupported("audio");
    fields.unsupported("prediction");
    fields.unsupported("web_search_options");
    fields.unsupported("functions", List.of());
    fields.unsupported("function_call");
    fields.unsupported("reasoning_effort", "none");
    fields.unsupported("verbosity", "medium");
    return asked(
        ReplyFormat.CHAT,
        fields,
        model,
        List.of(conversation),
        tools.choice(),
        chatLogProbs(fields),
        false);
  }

  /**
   * How many of the most probable tokens are told with each token; empty for no log probability.
   */
  private static OptionalLong chatLogProbs(Fields fields) {
    boolean told = fields.bool("logprobs");
    OptionalLong best = fields.integer("top_logprobs", 0, MOST_TOP_LOGPROBS);
    if (!told && best.orElse(0) > 0) {
      throw ApiError.badRequest("top_logprobs", "'top_logprobs' needs 'logprobs': true beside it.");
    }
    return told ? OptionalLong.of(best.orElse(0)) : OptionalLong.empty();
  }

  /** Reads a request to {@code /v1/completions}: each prompt is a message of the user. */
  Asked text(byte[] body) {
    Fields fields = Fields.parse(body);
    String model = fields.text("model");
    List<String> prompts = fields.texts("prompt");
    if (prompts.isEmpty() || prompts.size() > settings.mostChoices()) {
      throw fields.wrong(
          "prompt", "a string, or an array of 1 to " + settings.mostChoices() + " strings");
    }
    fields.unsupported("suffix", "");
    fields.unsupported("best_of", 1);
    boolean echo = fields.bool("echo");
    OptionalLong logProbs = fields.integer("logprobs", 0, MOST_LOGPROBS);
    if (echo && logProbs.isPresent()) {
      throw ApiError.unsupported(
          "logprobs",
          "'logprobs' is not supported together with 'echo': those of a prompt are" + " not told.");
    }
    List<Conversation> conversations =
        prompts.stream().map(prompt -> Conversation.of(ChatMessage.user(prompt))).toList();
    return asked(ReplyFormat.TEXT, fields, model, conversations, ToolChoice.auto(), logProbs, echo);
  }

  private Asked asked(
      ReplyFormat format,
      Fields fields,
      String model,
      List<Conversation> prompts,
      ToolChoice toolChoice,
      OptionalLong logProbs,
      boolean echo) {
    List<GenerationOptions> choices = choices(fields, AnswerForm.read(fields), logProbs);
    if (choices.size() * prompts.size() > settings.mostChoices()) {
      throw ApiError.badRequest(
          "n", "At most " + settings.mostChoices() + " answers are given to one request.");
    }
    boolean streamed = fields.bool("stream");
    boolean counts = false;
    if (fields.object("stream_options").isPresent()) {
      Fields stream = fields.object("stream_options").get();
      if (!streamed) {
        throw ApiError.badRequest("stream_options", "'stream_options' needs 'stream': true.");
      }
      counts = stream.bool("include_usage");
      stream.ignore("include_obfuscation");
      stream.requireNoOthers();
    }
    fields.unsupported("frequency_penalty", 0, 0.0);
    fields.unsupported("presence_penalty", 0, 0.0);
    fields.unsupported("logit_bias", Map.of());
    fields.unsupported("store", false);
    for (String name : NOTES) {
      var unused = fields.optionalText(name);
    }
    var unused = fields.object("metadata");
    fields.requireNoOthers();
    return new Asked(format, model, prompts, toolChoice, choices, streamed, counts, echo);
  }

  private List<GenerationOptions> choices(
      Fields fields, Optional<Constraint> constraint, OptionalLong logProbs) {
    GenerationOptions.Builder options = GenerationOptions.builder().timeLimit(settings.timeLimit());
    long asked = fields.integer("max_completion_tokens", 1, Long.MAX_VALUE).orElse(Long.MAX_VALUE);
    asked = Math.min(asked, fields.integer("max_tokens", 1, Long.MAX_VALUE).orElse(asked));
    options.maxNewTokens((int) Math.min(asked, settings.mostNewTokens()));
    options.temperature(
        fields.number("temperature", 0, MOST_TEMPERATURE).orElse(settings.temperature()));
    options.topP(Math.max(LEAST_TOP_P, fields.number("top_p", 0, 1).orElse(1)));
    options.topK((int) fields.integer("top_k", 0, Integer.MAX_VALUE).orElse(0));
    options.minP(fields.number("min_p", 0, 1).orElse(0));
    options.repetitionPenalty(fields.number("repetition_penalty", 1e-3, 1e3).orElse(1));
    List<String> stops = fields.texts("stop");
    if (stops.size() > MOST_STOPS || stops.contains("")) {
      throw fields.wrong("stop", "a string, or up to " + MOST_STOPS + ", none of them empty");
    }
    stops.forEach(options::stopString);
    constraint.ifPresent(options::constraint);
    logProbs.ifPresent(best -> options.logProbabilities((int) best));
    OptionalLong seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    List<GenerationOptions> choices = new ArrayList<>();
    for (long i = 0; i < fields.integer("n", 1, settings.mostChoices()).orElse(1); i++) {
      if (seed.isPresent()) {
        options.seed(seed.getAsLong() + i); // equal seeds would give equal answers
      }
      choices.add(Fields.valid(null, options::build));
    }
    return choices;
  }

  private static Conversation conversation(Fields fields) {
    List<ChatMessage> messages = new ArrayList<>();
    for (Fields message : fields.objects("messages")) {
      messages.add(message(message));
    }
    if (messages.isEmpty()) {
      throw fields.wrong("messages", "an array of at least one message");
    }
    Conversation conversation = Conversation.of(messages);
    if (fields.object("chat_template_kwargs").isPresent()) {
      for (var variable : fields.object("chat_template_kwargs").get().values().entrySet()) {
        Conversation before = conversation;
        conversation =
            Fields.valid(
                "chat_template_kwargs", () -> before.with(variable.getKey(), variable.getValue()));
      }
    }
    return conversation;
  }

  private static ChatMessage message(Fields fields) {
    String role =
        switch (fields.text("role")) {
          case "system", "developer" -> "system";
          case "user" -> "user";
          case "assistant" -> "assistant";
          case "tool" -> "tool";
          default -> throw fields.wrong("role", "system, developer, user, assistant or tool");
        };
    boolean calls = fields.has("tool_calls") && !fields.list("tool_calls").isEmpty();
    ChatMessage message =
        fields.has("content") || !calls ? content(role, fields) : new ChatMessage(role, "");
    fields.ignore("refusal", "annotations", "audio", "function_call", "moa");
    for (String text : List.of("name", "tool_call_id", "reasoning_content")) {
      if (fields.optionalText(text).isPresent()) {
        message = message.with(text, fields.text(text));
      }
    }
    if (calls) {
      ChatMessage spoken = message;
      message =
          Fields.valid("messages", () -> spoken.with("tool_calls", fields.list("tool_calls")));
    }
    fields.requireNoOthers();
    return message;
  }

  private static ChatMessage content(String role, Fields fields) {
    if (fields.any("content") instanceof String text) {
      return new ChatMessage(role, text);
    }
    if (!(fields.any("content") instanceof List<?>)) {
      throw fields.wrong("content", "a string or an array of texts");
    }
    List<String> texts = new ArrayList<>();
    if (fields.list("content").isEmpty()) {
      throw fields.wrong("content", "a string or an array of at least one text");
    }
    for (Fields part : fields.objects("content")) {
      if (!part.text("type").equals("text")) {
        throw part.wrong("type", "text: the model reads nothing else");
      }
      texts.add(part.text("text"));
      part.requireNoOthers();
    }
    return ChatMessage.ofParts(role, texts);
  }
}
