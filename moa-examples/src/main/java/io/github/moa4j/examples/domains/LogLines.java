package io.github.moa4j.examples.domains;

import static io.github.moa4j.examples.domains.Draw.number;
import static io.github.moa4j.examples.domains.Draw.oneOf;

import io.github.moa4j.training.data.Example;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Log lines in several layouts and their fields in one. */
final class LogLines {

  private LogLines() {}

  /** A message with the fields it holds. */
  private record Event(String message, String fields) {}

  static Example sample(RandomGenerator random) {
    String time = "%02d:%02d".formatted(number(random, 0, 23), number(random, 0, 59));
    String level = oneOf(random, "error", "warning", "info");
    String service = oneOf(random, "mail", "login", "server", "orders", "backup", "network");
    Event event = event(random);
    String line =
        switch (random.nextInt(3)) {
          case 0 ->
              "%s %s %s: %s"
                  .formatted(time, level.toUpperCase(Locale.ROOT), service, event.message());
          case 1 -> "[%s] %s %s - %s".formatted(service, time, level, event.message());
          default -> "%s | %s | %s | %s".formatted(level, service, time, event.message());
        };
    return Example.of(
        line, "time=%s level=%s service=%s %s".formatted(time, level, service, event.fields()));
  }

  private static Event event(RandomGenerator random) {
    String user = oneOf(random, "mary", "john", "anna", "tom", "lucy", "mark", "alice", "peter");
    int value = number(random, 10, 99);
    return switch (random.nextInt(6)) {
      case 0 ->
          new Event(
              oneOf(random, "wrong password for ", "login failed for ") + user,
              "event=refused user=" + user);
      case 1 ->
          new Event(
              oneOf(random, "no answer after %d s", "gave up after %d s").formatted(value),
              "event=timeout seconds=" + value);
      case 2 ->
          new Event(
              oneOf(random, "disk is %d%% full", "%d%% of the disk used").formatted(value),
              "event=disk used=" + value);
      case 3 ->
          new Event(
              oneOf(random, "order %d paid by %s", "order %d from %s").formatted(value, user),
              "event=order number=%d user=%s".formatted(value, user));
      case 4 ->
          new Event(
              oneOf(random, "started on port 80%d", "now on port 80%d").formatted(value),
              "event=start port=80" + value);
      default ->
          new Event(
              oneOf(random, "%d files copied by %s", "%s copied %d files").startsWith("%d")
                  ? "%d files copied by %s".formatted(value, user)
                  : "%s copied %d files".formatted(user, value),
              "event=copy files=%d user=%s".formatted(value, user));
    };
  }
}
