package io.github.moa4j.examples.study.workbench;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Tells the user which part of the comparison is under way. */
public final class Progress {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private Progress() {}

  public static void say(String format, Object... arguments) {
    System.out.println(
        TIME.format(LocalTime.now(ZoneId.systemDefault()))
            + " "
            + String.format(Locale.ROOT, format, arguments));
  }
}
