package io.github.moa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.files.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What LangChain4j's requests say of the form of answers and of tools, as a mixture takes it. */
final class Structures {

  private static final String ANY_OBJECT = "{\"type\":\"object\"}";

  private Structures() {}

  /** Returns what an answer must be; empty for any text. */
  static Optional<Constraint> constraint(ResponseFormat format) {
    if (format == null || format.type() != ResponseFormatType.JSON) {
      return Optional.empty();
    }
    return Optional.of(
        Constraint.jsonSchema(
            format.jsonSchema() == null ? ANY_OBJECT : schema(format.jsonSchema().rootElement())));
  }

  private static String schema(JsonSchemaElement element) {
    return element instanceof JsonRawSchema raw
        ? raw.schema()
        : Json.compact(JsonSchemaElementUtils.toMap(element));
  }

  /** Returns tools as chat templates read them. */
  static List<Map<String, Object>> tools(List<ToolSpecification> specifications) {
    return specifications.stream().map(Structures::tool).toList();
  }

  private static Map<String, Object> tool(ToolSpecification specification) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", specification.name());
    if (specification.description() != null) {
      function.put("description", specification.description());
    }
    function.put(
        "parameters",
        specification.parameters() == null
            ? Map.of("type", "object", "properties", Map.of())
            : JsonSchemaElementUtils.toMap(specification.parameters()));
    Map<String, Object> tool = new LinkedHashMap<>();
    tool.put("type", "function");
    tool.put("function", function);
    return tool;
  }

  /** Returns whether tools may or must be called. */
  static io.github.moa4j.core.tool.ToolChoice choice(ToolChoice choice) {
    if (choice == ToolChoice.REQUIRED) {
      return io.github.moa4j.core.tool.ToolChoice.required();
    }
    return choice == ToolChoice.NONE
        ? io.github.moa4j.core.tool.ToolChoice.none()
        : io.github.moa4j.core.tool.ToolChoice.auto();
  }
}
