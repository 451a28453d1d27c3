package io.github.moa4j.core.tool;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The form in which a model writes calls when it must. To read them, all forms are tried: see
 * {@link ToolAnswer}.
 */
public enum ToolFormat {
  /** Llama 3: one call, as <code>{"name": …, "parameters": {…}}</code>. */
  LLAMA("{\"name\":", ",\"parameters\":", 1),
  /** Qwen and Hermes: JSON between <code>&lt;tool_call&gt;</code> and its end, a call each. */
  HERMES("<tool_call>\n{\"name\":", ",\"arguments\":", 8),
  /** Mistral: a JSON list of calls; its control token is none of the answer's text. */
  MISTRAL("{\"name\":", ",\"arguments\":", 8);

  /** Keywords from which a schema without properties of its own has some. */
  private static final List<String> SOURCES =
      List.of("additionalProperties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const");

  private final String beforeName;
  private final String beforeArguments;
  private final int mostCalls;

  ToolFormat(String beforeName, String beforeArguments, int mostCalls) {
    this.beforeName = beforeName;
    this.beforeArguments = beforeArguments;
    this.mostCalls = mostCalls;
  }

  /** Returns the form that a chat template teaches; that of Hermes if it says nothing of calls. */
  public static ToolFormat of(String template) {
    if (template.contains("[TOOL_CALLS]")) {
      return MISTRAL;
    }
    return !template.contains("<tool_call>")
            && template.contains("\"parameters\"")
            && template.contains("tools")
        ? LLAMA
        : HERMES;
  }

  /**
   * Returns the constraint of an answer that calls what must be called, with arguments as the
   * tools' schemas have them.
   *
   * @param tools as a conversation has them
   * @param choice one that {@link ToolChoice#forces forces} a call
   * @throws MoaException if there is no such tool, or a schema is one that an answer cannot be held
   *     to
   */
  public Constraint constraint(List<Map<String, Object>> tools, ToolChoice choice) {
    Map<String, Object> schemas = schemas(tools);
    if (schemas.isEmpty()) {
      throw new MoaException("A tool has to be called, but the conversation has none.");
    }
    List<Constraint> calls = new ArrayList<>();
    if (choice.kind() == ToolChoice.Kind.NAMED) {
      if (!schemas.containsKey(choice.name())) {
        throw new MoaException(
            "There is no tool '"
                + Failure.quote(choice.name())
                + "' in the conversation; it has "
                + Failure.quote(schemas.keySet().toString())
                + ".");
      }
      calls.add(call(choice.name(), schemas.get(choice.name())));
    } else {
      schemas.forEach((name, schema) -> calls.add(call(name, schema)));
    }
    Constraint one = Constraint.anyOf(calls);
    int most = choice.single() ? 1 : mostCalls;
    return this == MISTRAL ? one.repeated(",", most).between("[", "]") : one.repeated("\n", most);
  }

  private Constraint call(String name, Object schema) {
    String before = beforeName + Json.compact(name) + beforeArguments;
    String behind = this == HERMES ? "}\n</tool_call>" : "}";
    return Constraint.jsonSchema(Json.compact(arguments(name, schema))).between(before, behind);
  }

  /**
   * Arguments are an object. A schema of no properties allows any to a validator; a tool that has
   * none takes none.
   */
  private static Map<String, Object> arguments(String name, Object schema) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    if (schema instanceof Map<?, ?> map) {
      map.forEach((keyword, value) -> arguments.put((String) keyword, value));
    }
    boolean ofObjects = "object".equals(arguments.getOrDefault("type", "object"));
    if (!ofObjects || !(schema == null || schema instanceof Map<?, ?>)) {
      throw new MoaException(
          "The parameters of the tool '"
              + Failure.quote(name)
              + "' are no schema of an object: "
              + Failure.quote(Json.compact(schema)));
    }
    arguments.put("type", "object");
    boolean hasNone = arguments.getOrDefault("properties", Map.of()).equals(Map.of());
    if (hasNone && SOURCES.stream().noneMatch(arguments::containsKey)) {
      arguments.put("additionalProperties", false);
    }
    return arguments;
  }

  /**
   * Returns the names of a conversation's tools.
   *
   * @throws MoaException if one has none
   */
  public static Set<String> names(List<Map<String, Object>> tools) {
    return schemas(tools).keySet();
  }

  /** Returns the schema of each tool's arguments by the tool's name. */
  private static Map<String, Object> schemas(List<Map<String, Object>> tools) {
    Map<String, Object> schemas = new LinkedHashMap<>();
    for (Map<String, Object> tool : tools) {
      Map<?, ?> function = tool.get("function") instanceof Map<?, ?> inner ? inner : tool;
      if (!(function.get("name") instanceof String name) || name.isEmpty()) {
        throw new MoaException(
            "A tool of the conversation has no name: " + Failure.quote(Json.compact(tool)));
      }
      if (schemas.containsKey(name)) {
        throw new MoaException("Two tools have the name '" + Failure.quote(name) + "'.");
      }
      schemas.put(name, function.get("parameters"));
    }
    return schemas;
  }
}
