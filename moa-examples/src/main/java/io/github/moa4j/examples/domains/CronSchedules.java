package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.chance;
import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Schedules in words and the cron expressions that mean the same. */
final class CronSchedules {

  private static final List<String> DAYS =
      List.of("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday");

  private CronSchedules() {}

  /** A part of the sentence with its field or fields of the expression. */
  private record Part(String words, String fields) {}

  static Example sample(RandomGenerator random) {
    Part time = time(random);
    Part days = days(random);
    String schedule =
        chance(random, 0.6) ? days.words() + " " + time.words() : time.words() + " " + days.words();
    return Example.of(sentence(schedule, random), time.fields() + " " + days.fields());
  }

  private static String sentence(String schedule, RandomGenerator random) {
    String task =
        oneOf(
            random,
            "Run the backup",
            "Check the mail",
            "Send the report",
            "Copy the files",
            "Sort the notes",
            "Clean the logs",
            "Count the orders",
            "Play music");
    return switch (random.nextInt(4)) {
      case 0, 1 -> task + " " + schedule;
      case 2 -> schedule.substring(0, 1).toUpperCase(Locale.ROOT) + schedule.substring(1);
      default -> "Start it " + schedule;
    };
  }

  private static Part time(RandomGenerator random) {
    int hour = number(random, 1, 23);
    int minute = number(random, 0, 59);
    return switch (random.nextInt(8)) {
      case 0 -> {
        int step = Integer.parseInt(oneOf(random, "2", "5", "10", "15", "20", "30"));
        yield new Part("every %d minutes".formatted(step), "*/%d *".formatted(step));
      }
      case 1 -> new Part("every hour at minute %d".formatted(minute), "%d *".formatted(minute));
      case 2 -> new Part("at noon", "0 12");
      case 3, 4 -> {
        boolean afternoon = random.nextBoolean();
        int half = number(random, 1, 11);
        yield new Part(
            "at %d %s".formatted(half, afternoon ? "pm" : "am"),
            "0 %d".formatted(afternoon ? half + 12 : half));
      }
      default -> new Part("at %d:%02d".formatted(hour, minute), "%d %d".formatted(minute, hour));
    };
  }

  private static Part days(RandomGenerator random) {
    int day = number(random, 0, 6);
    int date = number(random, 1, 28);
    return switch (random.nextInt(8)) {
      case 0 -> new Part(oneOf(random, "every day", "daily"), "* * *");
      case 1 -> new Part("on weekdays", "* * 1-5");
      case 2 -> new Part("on the weekend", "* * 6,0");
      case 3, 4 -> new Part("on day %d of the month".formatted(date), "%d * *".formatted(date));
      default -> new Part(oneOf(random, "every ", "on ") + DAYS.get(day), "* * %d".formatted(day));
    };
  }
}
