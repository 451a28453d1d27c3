package io.github.moa4j.core.text;

import io.github.moa4j.core.MoaException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a chat template writes a prompt from.
 *
 * @param messages the turns so far, at least one
 * @param tools the functions the model may call, each as the JSON schema its template expects,
 *     mostly {@code {"type": "function", "function": {"name", "description", "parameters"}}}
 * @param documents what the model is to answer from, mostly {@code {"title", "text"}}; few
 *     templates read them
 * @param variables further variables of the template such as {@code enable_thinking}; they go
 *     before those that a mixture has fixed
 */
public record Conversation(
    List<ChatMessage> messages,
    List<Map<String, Object>> tools,
    List<Map<String, Object>> documents,
    Map<String, Object> variables) {

  /** Variables under whose names templates find the conversation itself. */
  private static final List<String> OWN =
      List.of("messages", "tools", "documents", "add_generation_prompt");

  /** Copies the components. */
  public Conversation {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("A conversation needs at least one message");
    }
    tools = PlainValues.copy(tools, "the tools of a conversation");
    documents = PlainValues.copy(documents, "the documents of a conversation");
    variables = checkedVariables(variables);
  }

  /** Copies variables of a template, none of which may take the place of the conversation. */
  static Map<String, Object> checkedVariables(Map<String, ?> variables) {
    for (String name : OWN) {
      if (variables.containsKey(name)) {
        throw new MoaException(
            "The variables of a chat template have \""
                + name
                + "\", which is the conversation's own; give it with the conversation");
      }
    }
    return PlainValues.copy(variables, "the variables of a chat template");
  }

  /** A conversation of nothing but messages. */
  public static Conversation of(List<ChatMessage> messages) {
    return new Conversation(messages, List.of(), List.of(), Map.of());
  }

  /** A conversation of nothing but messages. */
  public static Conversation of(ChatMessage... messages) {
    return of(List.of(messages));
  }

  /** Returns this conversation with other messages. */
  public Conversation withMessages(List<ChatMessage> other) {
    return new Conversation(other, tools, documents, variables);
  }

  /** Returns this conversation with one message more. */
  public Conversation and(ChatMessage message) {
    List<ChatMessage> all = new ArrayList<>(messages);
    all.add(message);
    return withMessages(all);
  }

  /** Returns this conversation with other tools. */
  public Conversation withTools(List<? extends Map<String, ?>> other) {
    return new Conversation(messages, PlainValues.copy(other, "tools"), documents, variables);
  }

  /**
   * Returns this conversation with other tools.
   *
   * @param json an array of JSON schemas
   * @throws io.github.moa4j.core.MoaException if it is none
   */
  public Conversation withTools(String json) {
    return withTools(PlainValues.parseObjects(json, "tools"));
  }

  /** Returns this conversation with other documents. */
  public Conversation withDocuments(List<? extends Map<String, ?>> other) {
    return new Conversation(messages, tools, PlainValues.copy(other, "documents"), variables);
  }

  /** Returns this conversation with a further variable of the template, or another value of it. */
  public Conversation with(String variable, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(variables);
    all.put(variable, value);
    return new Conversation(messages, tools, documents, all);
  }
}
