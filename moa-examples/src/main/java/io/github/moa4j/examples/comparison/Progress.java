package io.github.moa4j.examples.comparison;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Tells the user which part of the comparison is under way. */
final class Progress {

  private Progress() {}

  static void say(String format, Object... arguments) {
    System.out.println(
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS)
            + " "
            + String.format(Locale.ROOT, format, arguments));
  }
}
