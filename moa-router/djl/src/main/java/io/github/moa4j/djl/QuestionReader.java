package io.github.moa4j.djl;

import ai.djl.modality.Input;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.Question;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads questions: a text, or DJL Serving's JSON, that of a chat ({@code messages}, {@code model},
 * {@code max_tokens}, {@code temperature}, {@code top_p}, {@code seed}, {@code stop}) or that of a
 * text ({@code inputs}, {@code parameters} with {@code max_new_tokens}). Immutable.
 *
 * @param arguments of the translator, for questions that do not say
 */
record QuestionReader(Map<String, ?> arguments) {

  private static final Path NAME = Path.of("the request");

  /** What would change an answer and is not honoured, with the value that asks for nothing. */
  private static final Map<String, Object> UNSUPPORTED =
      Map.of(
          "tools",
          List.of(),
          "functions",
          List.of(),
          "response_format",
          Map.of("type", "text"),
          "logit_bias",
          Map.of(),
          "logprobs",
          false,
          "n",
          1,
          "frequency_penalty",
          0,
          "presence_penalty",
          0,
          "stream",
          false);

  /** A question, or why there is none. */
  record Asked(Question question, boolean chat, MoaException failure) {
    boolean isWell() {
      return question != null;
    }
  }

  QuestionReader {
    arguments = Map.copyOf(arguments);
  }

  Asked text(String text) {
    JsonObject nothing = JsonObject.parse("{}", NAME, MoaException::new);
    return asked(Conversation.of(ChatMessage.user(text)), nothing, false, "max_tokens");
  }

  Asked json(Input input) {
    try {
      byte[] body = body(input);
      String text = new String(body, StandardCharsets.UTF_8);
      if (!text.stripLeading().startsWith("{")) {
        return text(text);
      }
      JsonObject root = JsonObject.parse(body, NAME, MoaException::new);
      if (root.has("messages")) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonObject message : root.objects("messages")) {
          messages.add(new ChatMessage(message.text("role"), message.text("content")));
        }
        if (messages.isEmpty()) {
          throw root.wrong("messages", "at least one message");
        }
        return asked(Conversation.of(messages), root, true, "max_tokens");
      }
      if (!root.has("inputs")) {
        throw new MoaException(
            "The request has neither 'messages' nor 'inputs': send a chat"
                + " ({\"messages\": [{\"role\": \"user\", \"content\": ...}]}) or a text"
                + " ({\"inputs\": ...}).");
      }
      return asked(
          Conversation.of(ChatMessage.user(root.text("inputs"))),
          root.objectOrEmpty("parameters"),
          false,
          "max_new_tokens");
    } catch (MoaException e) {
      return new Asked(null, false, e);
    } catch (IllegalArgumentException e) {
      return new Asked(null, false, new MoaException("The request is wrong: " + e.getMessage(), e));
    }
  }

  private static byte[] body(Input input) {
    if (input.getData() == null) {
      throw new MoaException("The request is empty: send the JSON of a chat.");
    }
    return input.getData().getAsBytes();
  }

  private Asked asked(Conversation conversation, JsonObject options, boolean chat, String limit) {
    GenerationOptions.Builder builder = GenerationOptions.builder();
    number("max_tokens").ifPresent(value -> builder.maxNewTokens((int) (double) value));
    number("temperature").ifPresent(builder::temperature);
    if (options.has(limit)) {
      builder.maxNewTokens(options.positiveInt(limit));
    }
    if (options.has("temperature")) {
      builder.temperature(options.number("temperature"));
    }
    if (options.has("top_p")) {
      builder.topP(options.number("top_p"));
    }
    if (options.has("top_k")) {
      builder.topK(options.integer("top_k", 0));
    }
    if (options.has("seed")) {
      builder.seed(options.longInteger("seed", Long.MIN_VALUE));
    }
    if (options.has("stop")) {
      Object stop = options.any("stop");
      List<String> stops = stop instanceof String one ? List.of(one) : options.texts("stop");
      stops.forEach(builder::stopString);
    }
    UNSUPPORTED.forEach((name, harmless) -> refuse(options, name, harmless));
    Question question = Question.of(conversation).with(builder.build());
    Optional<String> domain =
        options.has("model") && chat
            ? Optional.of(options.text("model"))
            : Optional.ofNullable(arguments.get("domain")).map(Object::toString);
    return new Asked(
        domain.filter(name -> !name.equals("auto")).map(question::inDomain).orElse(question),
        chat,
        null);
  }

  private static void refuse(JsonObject options, String name, Object harmless) {
    if (options.has(name) && !options.any(name).equals(harmless)) {
      throw new MoaException(
          "The request asks for '"
              + name
              + "', which is not supported here: leave it out, or send it to moa-server.");
    }
  }

  private Optional<Double> number(String key) {
    return Optional.ofNullable(arguments.get(key)).map(Object::toString).map(Double::valueOf);
  }
}
