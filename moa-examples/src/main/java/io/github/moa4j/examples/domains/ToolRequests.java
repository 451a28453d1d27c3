package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.chance;
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
    String day = day(random);
    String start = oneOf(random, "Wake me ", "Set the alarm ", "I have to get up ");
    return Example.of(
        start + when(day, time, random),
        "{\"tool\": \"alarm\", \"day\": \"%s\", \"time\": \"%s\"}".formatted(day, time));
  }

  private static Example timer(RandomGenerator random) {
    int minutes = number(random, 2, 90);
    String thing = oneOf(random, "tea", "bread", "rice", "eggs", "work", "game");
    return Example.of(
        oneOf(random, "Set a timer for the %s: %d minutes", "Time the %s, %d minutes")
            .formatted(thing, minutes),
        "{\"tool\": \"timer\", \"name\": \"%s\", \"minutes\": %d}".formatted(thing, minutes));
  }

  private static Example weather(RandomGenerator random) {
    String city = oneOf(random, "London", "Paris", "Rome", "York", "Boston");
    String day = day(random);
    String start =
        oneOf(random, "Will it rain in ", "What is the weather in ", "How warm will it be in ");
    return Example.of(
        start + city + " on " + day,
        "{\"tool\": \"weather\", \"city\": \"%s\", \"day\": \"%s\"}".formatted(city, day));
  }

  private static Example message(RandomGenerator random) {
    String person = person(random);
    String text =
        oneOf(random, "the mail", "the book", "dinner", "the report", "the car", "the music")
            + " is "
            + oneOf(random, "ready", "here", "late", "good", "old", "open");
    return Example.of(
        oneOf(random, "Tell %s that %s", "Let %s know that %s", "Write to %s that %s")
            .formatted(person, text),
        "{\"tool\": \"message\", \"to\": \"%s\", \"text\": \"%s\"}".formatted(person, text));
  }

  private static Example light(RandomGenerator random) {
    String room = room(random);
    boolean on = random.nextBoolean();
    if (chance(random, 0.5)) {
      String color = oneOf(random, "red", "green", "blue", "white", "yellow");
      return Example.of(
          oneOf(random, "Make the light in the %s %s", "Turn the light in the %s %s")
              .formatted(room, color),
          "{\"tool\": \"light\", \"room\": \"%s\", \"color\": \"%s\"}".formatted(room, color));
    }
    String state = on ? "on" : "off";
    return Example.of(
        oneOf(random, "Turn %s the light in the %s", "Switch %s the light in the %s")
            .formatted(state, room),
        "{\"tool\": \"light\", \"room\": \"%s\", \"state\": \"%s\"}".formatted(room, state));
  }

  private static Example play(RandomGenerator random) {
    String kind = oneOf(random, "jazz", "rock", "old", "French", "quiet", "new");
    String room = room(random);
    return Example.of(
        oneOf(
                random,
                "Play %s music in the %s",
                "I want %s music in the %s",
                "Put on %s music in the %s")
            .formatted(kind, room),
        "{\"tool\": \"play\", \"kind\": \"%s\", \"room\": \"%s\"}".formatted(kind, room));
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
    String day = day(random);
    String time = time(random);
    return Example.of(
        oneOf(random, "Plan a meeting with ", "I want to see ", "Meet ")
            + person
            + " "
            + when(day, time, random),
        "{\"tool\": \"meeting\", \"with\": \"%s\", \"day\": \"%s\", \"time\": \"%s\"}"
            .formatted(person, day, time));
  }

  private static String when(String day, String time, RandomGenerator random) {
    return oneOf(random, "on %s at %s", "%s at %s").formatted(day, time);
  }

  private static String day(RandomGenerator random) {
    return oneOf(
        random, "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");
  }

  private static String time(RandomGenerator random) {
    return number(random, 6, 22) + ":" + oneOf(random, "00", "15", "30", "45", "10", "20", "50");
  }

  private static String person(RandomGenerator random) {
    return oneOf(random, "Mary", "John", "Anna", "Tom", "Lucy", "Mark", "Alice", "Peter");
  }

  private static String room(RandomGenerator random) {
    return oneOf(random, "kitchen", "garden", "office", "hall", "living room", "bath");
  }
}
