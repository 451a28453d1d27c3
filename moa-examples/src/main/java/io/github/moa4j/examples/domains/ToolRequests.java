package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.random.RandomGenerator;

/** Requests to an assistant at home and the tool calls, in JSON, that fulfil them. */
final class ToolRequests {

  private ToolRequests() {}

  static Example sample(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0 -> alarm(random);
      case 1 -> timer(random);
      case 2 -> weather(random);
      case 3 -> message(random);
      case 4 -> light(random);
      case 5 -> play(random);
      case 6 -> table(random);
      default -> meeting(random);
    };
  }

  private static Example alarm(RandomGenerator random) {
    String time = time(random);
    String start = oneOf(random, "Wake me at ", "Set the alarm to ", "I have to get up at ");
    return Example.of(start + time, "{\"tool\": \"alarm\", \"time\": \"%s\"}".formatted(time));
  }

  private static Example timer(RandomGenerator random) {
    int minutes = number(random, 2, 90);
    String thing = oneOf(random, "bread", "fish", "game", "work", "class");
    return Example.of(
        oneOf(random, "Set a timer for the %s: %d minutes", "Time the %s, %d minutes")
            .formatted(thing, minutes),
        "{\"tool\": \"timer\", \"name\": \"%s\", \"minutes\": %d}".formatted(thing, minutes));
  }

  private static Example weather(RandomGenerator random) {
    String city = oneOf(random, "London", "Paris", "Rome", "York");
    String time = time(random);
    String start =
        oneOf(random, "Will it rain in ", "What is the weather in ", "How warm will it be in ");
    return Example.of(
        start + city + " at " + time,
        "{\"tool\": \"weather\", \"city\": \"%s\", \"time\": \"%s\"}".formatted(city, time));
  }

  private static Example message(RandomGenerator random) {
    String person = person(random);
    String text =
        "the %s is %s"
            .formatted(
                oneOf(random, "book", "report", "music", "table", "house", "food"),
                oneOf(random, "ready", "here", "done", "late", "good"));
    return Example.of(
        oneOf(random, "Tell %s that %s", "Let %s know that %s", "Write to %s that %s")
            .formatted(person, text),
        "{\"tool\": \"message\", \"to\": \"%s\", \"text\": \"%s\"}".formatted(person, text));
  }

  private static Example light(RandomGenerator random) {
    String room = oneOf(random, "house", "garden", "hall", "shop");
    int level = number(random, 10, 99);
    return Example.of(
        oneOf(random, "Set the light in the %s to %d", "Make the light in the %s %d")
            .formatted(room, level),
        "{\"tool\": \"light\", \"room\": \"%s\", \"level\": %d}".formatted(room, level));
  }

  private static Example play(RandomGenerator random) {
    String kind = oneOf(random, "old", "new", "fast", "slow", "happy");
    int minutes = number(random, 10, 99);
    return Example.of(
        oneOf(random, "Play %s music for %d minutes", "I want %s music, %d minutes of it")
            .formatted(kind, minutes),
        "{\"tool\": \"play\", \"kind\": \"%s\", \"minutes\": %d}".formatted(kind, minutes));
  }

  private static Example table(RandomGenerator random) {
    int people = number(random, 2, 9);
    String time = time(random);
    return Example.of(
        oneOf(random, "Book a table for %d at %s", "I need a table for %d people at %s")
            .formatted(people, time),
        "{\"tool\": \"table\", \"people\": %d, \"time\": \"%s\"}".formatted(people, time));
  }

  private static Example meeting(RandomGenerator random) {
    String person = person(random);
    String time = time(random);
    return Example.of(
        oneOf(random, "Plan a meeting with %s at %s", "I want to see %s at %s", "Meet %s at %s")
            .formatted(person, time),
        "{\"tool\": \"meeting\", \"with\": \"%s\", \"time\": \"%s\"}".formatted(person, time));
  }

  private static String time(RandomGenerator random) {
    return "%d:%02d".formatted(number(random, 6, 22), number(random, 0, 59));
  }

  private static String person(RandomGenerator random) {
    return oneOf(random, "Mary", "John", "Tom", "Jane");
  }
}
