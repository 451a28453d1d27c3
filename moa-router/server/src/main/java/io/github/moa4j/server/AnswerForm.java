package io.github.moa4j.server;

import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.files.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The form that a request wants the answer's text to have: OpenAI's {@code response_format}, or
 * what vLLM has beside it, {@code structured_outputs} and its older {@code guided_} fields.
 */
final class AnswerForm {

  private static final List<String> FIELDS =
      List.of(
          "response_format", "structured_outputs", "guided_json", "guided_regex", "guided_choice");

  private AnswerForm() {}

  /** Whether a request wants a form. */
  static boolean isIn(Fields fields) {
    return FIELDS.stream().anyMatch(fields::has);
  }

  /** Returns what the text is held to; empty for any text. */
  static Optional<Constraint> read(Fields fields) {
    List<String> given = FIELDS.stream().filter(fields::has).toList();
    if (given.size() > 1) {
      throw ApiError.badRequest(given.get(1), given + " exclude each other.");
    }
    if (given.isEmpty()) {
      return Optional.empty();
    }
    String name = given.get(0);
    return switch (name) {
      case "response_format" -> responseFormat(fields.object(name).orElseThrow());
      case "structured_outputs" -> one(fields.object(name).orElseThrow());
      default -> Optional.of(form(fields, name, name.substring("guided_".length())));
    };
  }

  private static Optional<Constraint> one(Fields outputs) {
    List<String> forms = new ArrayList<>(List.of("json", "regex", "choice"));
    forms.removeIf(form -> !outputs.has(form));
    outputs.ignore("disable_fallback", "disable_any_whitespace"); // there is neither
    outputs.requireNoOthers();
    if (forms.size() != 1) {
      throw ApiError.badRequest(
          "structured_outputs", "It has to have one of json, regex and choice, and one only.");
    }
    return Optional.of(form(outputs, forms.get(0), forms.get(0)));
  }

  private static Constraint form(Fields fields, String name, String form) {
    Supplier<Constraint> constraint =
        switch (form) {
          case "regex" -> () -> Constraint.regex(fields.text(name));
          case "choice" -> () -> Constraint.choices(fields.texts(name));
          default -> () -> Constraint.jsonSchema(json(fields.any(name)));
        };
    return Fields.valid(name, constraint);
  }

  private static String json(Object schema) {
    return schema instanceof String text ? text : Json.compact(schema);
  }

  private static Optional<Constraint> responseFormat(Fields format) {
    Optional<String> schema =
        switch (format.text("type")) {
          case "text" -> Optional.empty();
          case "json_object" -> Optional.of("{\"type\": \"object\"}");
          case "json_schema" -> Optional.of(schema(format));
          default -> throw format.wrong("type", "text, json_object or json_schema");
        };
    format.requireNoOthers();
    return schema.map(text -> Fields.valid("response_format", () -> Constraint.jsonSchema(text)));
  }

  private static String schema(Fields format) {
    Fields named =
        format.object("json_schema").orElseThrow(() -> format.wrong("json_schema", "an object"));
    named.text("name");
    named.ignore("strict", "description");
    Fields schema =
        named.object("schema").orElseThrow(() -> named.wrong("schema", "a JSON schema"));
    named.requireNoOthers();
    return Json.compact(schema.values());
  }
}
