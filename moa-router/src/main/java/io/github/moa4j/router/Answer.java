package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.text.ChatMessage;
import io.github.moa4j.core.text.ToolCall;
import io.github.moa4j.core.tool.ToolAnswer;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An answer of a mixture.
 *
 * @param generation whole text as it was generated, tokens, stop reason and timings
 * @param text what is said; without the calls of tools, which are no text
 * @param toolCalls the tools that are to be called, in order, each with an id; none where the
 *     conversation has no tools
 * @param decision which domain answered, and how sure the router was
 * @param adapters the adapters that answered, domain to share: one of 1, several where adapters are
 *     mixed, each domain's share of the layers in per-layer routing; none where the base answered
 *     alone
 * @param versions the version of each of these adapters, by domain
 * @param routing time that the decision took: the router's pass, what the router said to it, and
 *     fetching the adapters; also in the timings of {@code generation}
 */
public record Answer(
    GenerationResult generation,
    String text,
    List<ToolCall> toolCalls,
    RoutingDecision decision,
    Map<String, Double> adapters,
    Map<String, Integer> versions,
    Duration routing) {

  /** Copies the calls and the shares. */
  public Answer {
    Objects.requireNonNull(text, "text");
    toolCalls = List.copyOf(toolCalls);
    adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
    versions = Map.copyOf(versions);
  }

  /** Returns the message with which the conversation goes on. */
  public ChatMessage message() {
    return new ToolAnswer(text, toolCalls).message();
  }
}
