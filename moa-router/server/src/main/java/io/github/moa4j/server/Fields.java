package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Json;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The fields of a request's JSON object, each checked when it is asked for. What nobody has asked
 * for at the end is unknown. A field that is null counts as missing.
 */
final class Fields {

  private final String path; // what stands before a field in messages
  private final Map<String, Object> values;
  private final Set<String> known = new HashSet<>();

  private Fields(String path, Map<String, Object> values) {
    this.path = path;
    this.values = values;
  }

  /** Reads the body of a request, strictly. */
  static Fields parse(byte[] body) {
    Path name = Path.of("The body of the request");
    return new Fields(
        "",
        JsonObject.parse(body, name, (message, cause) -> ApiError.badRequest(null, message))
            .values());
  }

  boolean has(String name) {
    known.add(name);
    return values.get(name) != null;
  }

  /** Returns a value of any kind that has been looked for by {@link #has}. */
  Object any(String name) {
    known.add(name);
    return values.get(name);
  }

  String text(String name) {
    return optionalText(name).orElseThrow(() -> wrong(name, "a string"));
  }

  Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name, any(name))) : Optional.empty();
  }

  private String text(String name, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(name, "a string");
  }

  /** Returns a list of texts; a single text is a list of one. */
  List<String> texts(String name) {
    if (!has(name)) {
      return List.of();
    }
    if (any(name) instanceof String single) {
      return List.of(single);
    }
    List<String> texts = new ArrayList<>();
    for (Object element : list(name)) {
      texts.add(text(name, element));
    }
    return texts;
  }

  List<?> list(String name) {
    if (any(name) instanceof List<?> list) {
      return list;
    }
    throw wrong(name, "an array");
  }

  /** Returns a number from a least to a most one. */
  OptionalDouble number(String name, double least, double most) {
    if (!has(name)) {
      return OptionalDouble.empty();
    }
    if (any(name) instanceof Number number
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return OptionalDouble.of(number.doubleValue());
    }
    throw wrong(name, String.format(Locale.ROOT, "a number from %s to %s", least, most));
  }

  /** Returns an integer from a least to a most one. */
  OptionalLong integer(String name, long least, long most) {
    if (!has(name)) {
      return OptionalLong.empty();
    }
    Object value = any(name);
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= least
        && ((Number) value).longValue() <= most) {
      return OptionalLong.of(((Number) value).longValue());
    }
    throw wrong(name, "an integer from " + least + " to " + most);
  }

  boolean bool(String name) {
    if (!has(name)) {
      return false;
    }
    if (any(name) instanceof Boolean value) {
      return value;
    }
    throw wrong(name, "true or false");
  }

  Optional<Fields> object(String name) {
    return has(name) ? Optional.of(object(name, any(name))) : Optional.empty();
  }

  /** Returns a list of objects; an empty one if it is missing. */
  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    if (has(name)) {
      for (Object element : list(name)) {
        objects.add(object(name + "[" + objects.size() + "]", element));
      }
    }
    return objects;
  }

  private Fields object(String name, Object value) {
    if (!(value instanceof Map<?, ?>)) {
      throw wrong(name, value, "an object");
    }
    @SuppressWarnings("unchecked") // the keys of JSON are texts
    Map<String, Object> object = (Map<String, Object>) value;
    return new Fields(path + name + ".", object);
  }

  /** Returns the whole object as it came. */
  Map<String, Object> values() {
    return values;
  }

  /** Passes over fields that change nothing here. */
  void ignore(String... names) {
    known.addAll(List.of(names));
  }

  /** Refuses a field unless its value asks for nothing. */
  void unsupported(String name, Object... harmless) {
    if (has(name) && !List.of(harmless).contains(any(name))) {
      throw ApiError.unsupported(
          path + name, "'" + path + name + "' is not supported with this value.");
    }
  }

  /** Refuses what has not been asked for: a misspelt field would change nothing, unnoticed. */
  void requireNoOthers() {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw ApiError.unsupported(
            Failure.quote(path + name),
            "Unrecognized request argument supplied: " + Failure.quote(path + name));
      }
    }
  }

  ApiError wrong(String name, String expected) {
    return wrong(name, values.get(name), expected);
  }

  private ApiError wrong(String name, Object value, String expected) {
    String found = value == null ? "is missing" : "is " + Failure.quote(quoted(value));
    return ApiError.badRequest(
        path + name, "'" + path + name + "' " + found + ", but must be " + expected + ".");
  }

  private static String quoted(Object value) {
    return Json.compact(value);
  }

  /** Makes something of the request's fields; what cannot be made of them is a bad request. */
  static <T> T valid(String param, Supplier<T> made) {
    try {
      return made.get();
    } catch (ApiError e) {
      throw e;
    } catch (MoaException | IllegalArgumentException e) {
      throw ApiError.badRequest(param, e.getMessage());
    }
  }
}
