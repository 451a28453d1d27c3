package io.github.moa4j.examples.study.hostile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes a JSON document here and there: a value to another extreme, type or place, a key twice,
 * gone or renamed. What is written need not be JSON any more.
 */
final class JsonMutation {

  private static final JsonMapper JSON = new JsonMapper();

  private final SplittableRandom random;

  JsonMutation(SplittableRandom random) {
    this.random = random;
  }

  /** Somewhere in a document: a field of an object or an element of an array. */
  private record Place(JsonNode parent, String key, int index) {

    JsonNode value() {
      return parent instanceof ObjectNode object ? object.get(key) : parent.get(index);
    }

    void set(JsonNode value) {
      if (parent instanceof ObjectNode object) {
        object.set(key, value);
      } else {
        ((ArrayNode) parent).set(index, value);
      }
    }

    void remove() {
      if (parent instanceof ObjectNode object) {
        object.remove(key);
      } else {
        ((ArrayNode) parent).remove(index);
      }
    }
  }

  byte[] of(byte[] original) {
    try {
      JsonNode root = JSON.readTree(original);
      for (int i = Math.max(0, random.nextInt(5) - 2); i >= 0; i--) {
        if (!root.isEmpty()) {
          change(somewhere(root), root);
        }
      }
      byte[] changed = JSON.writeValueAsBytes(root);
      return random.nextInt(8) == 0 ? new ByteMutation(random).of(changed) : changed;
    } catch (IOException e) {
      throw new UncheckedIOException("The original is no JSON", e);
    }
  }

  /** Goes down at random, so that a field is not missed beside a vocabulary. */
  private Place somewhere(JsonNode root) {
    Place place = child(root);
    while (!place.value().isEmpty() && random.nextInt(4) > 0) {
      place = child(place.value());
    }
    return place;
  }

  private Place child(JsonNode parent) {
    int index = random.nextInt(parent.size());
    if (parent.isArray()) {
      return new Place(parent, "", index);
    }
    List<String> keys = new ArrayList<>();
    parent.fieldNames().forEachRemaining(keys::add);
    return new Place(parent, keys.get(index), 0);
  }

  private void change(Place place, JsonNode root) {
    JsonNode value = place.value();
    switch (random.nextInt(8)) {
      case 0, 1 -> place.set(raw(HostileValues.any(random)));
      case 2 -> place.set(raw(value.isNumber() ? near(value) : HostileValues.number(random)));
      case 3 -> place.remove();
      case 4 -> place.set(somewhere(root).value().deepCopy());
      case 5 -> place.set(raw(value + "," + again(place, value)));
      case 6 -> rename(place, value);
      default -> place.set(raw(otherType(value)));
    }
  }

  private static JsonNode raw(String text) {
    return JSON.getNodeFactory().rawValueNode(new RawValue(text));
  }

  /** A number next to the one that is there, or of its size. */
  private String near(JsonNode value) {
    double number = value.doubleValue();
    return switch (random.nextInt(6)) {
      case 0 -> Long.toString((long) number + 1);
      case 1 -> Long.toString((long) number - 1);
      case 2 -> Long.toString(2 * (long) number);
      case 3 -> Long.toString((long) number / 2);
      case 4 -> "-" + value;
      default -> HostileValues.number(random);
    };
  }

  /** The same key once more, or one more element of the same array. */
  private String again(Place place, JsonNode value) {
    String other = random.nextBoolean() ? value.toString() : HostileValues.any(random);
    return place.parent().isObject()
        ? JSON.getNodeFactory().textNode(place.key()) + ":" + other
        : other;
  }

  private void rename(Place place, JsonNode value) {
    if (place.parent() instanceof ObjectNode object) {
      object.remove(place.key());
      // The writer of the tree would escape a key, but takes a raw value as it is.
      object.set("renamed", raw("0," + HostileValues.key(random) + ":" + value));
    } else {
      place.set(raw(HostileValues.key(random)));
    }
  }

  private String otherType(JsonNode value) {
    if (value.isContainerNode()) {
      return random.nextBoolean() ? HostileValues.quoted(value.toString()) : "1";
    }
    if (value.isTextual()) {
      return random.nextBoolean() ? "[" + value + "]" : "1";
    }
    return switch (random.nextInt(3)) {
      case 0 -> HostileValues.quoted(value.asText());
      case 1 -> "[" + value + "]";
      default -> "{\"a\":" + value + "}";
    };
  }
}
