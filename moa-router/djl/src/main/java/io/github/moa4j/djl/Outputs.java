package io.github.moa4j.djl;

import ai.djl.modality.Output;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.router.Answer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes answers as DJL Serving does: those of a chat in OpenAI's form. */
final class Outputs {

  private static final String BASE = "base";

  private Outputs() {}

  static Output of(MixtureTranslator.Answered answered) {
    Answer answer = answered.answer();
    Map<String, Object> root =
        answered.asked().chat() ? chat(answer) : Map.of("generated_text", answer.text());
    Output output = new Output(200, "OK");
    output.addProperty("Content-Type", "application/json");
    output.addProperty("X-Moa-Domain", domain(answer));
    output.add(Json.compact(root));
    return output;
  }

  static Output of(MoaException failure) {
    int code = failure instanceof QueueFullException ? 503 : 400;
    Output output = new Output(code, failure.getMessage());
    output.addProperty("Content-Type", "application/json");
    output.add(Json.compact(Map.of("error", failure.getMessage(), "code", code)));
    return output;
  }

  private static String domain(Answer answer) {
    return answer.decision().chosen().orElse(BASE);
  }

  private static Map<String, Object> chat(Answer answer) {
    int prompt = answer.generation().promptTokens();
    int tokens = answer.generation().tokens().length;
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", 0);
    choice.put("message", Map.of("role", "assistant", "content", answer.text()));
    choice.put("finish_reason", finish(answer.generation().stopReason()));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("id", "chatcmpl-" + UUID.randomUUID());
    root.put("object", "chat.completion");
    root.put("created", Instant.now().getEpochSecond());
    root.put("model", domain(answer));
    root.put("choices", List.of(choice));
    root.put(
        "usage",
        Map.of(
            "prompt_tokens", prompt,
            "completion_tokens", tokens,
            "total_tokens", prompt + tokens));
    return root;
  }

  private static String finish(StopReason reason) {
    return switch (reason) {
      case MAX_NEW_TOKENS, CONTEXT_FULL, DEADLINE -> "length";
      case END_TOKEN, STOP_STRING, CANCELLED -> "stop";
    };
  }
}
