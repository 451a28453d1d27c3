package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.MoaException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs a program: what the user did wrong is one line, without a stack trace. */
public final class Commands {

  private static final char UNDECODED = '\uFFFD';

  private Commands() {}

  /** Returns the exit code: 0, 1 for bad input, 2 for bad arguments. */
  public static int run(Callable<Integer> program, String... arguments) {
    CommandLine command = new CommandLine(program).setCaseInsensitiveEnumValuesAllowed(true);
    command.setExecutionExceptionHandler(
        (exception, line, parsed) -> {
          if (!(exception instanceof MoaException)) {
            throw exception;
          }
          PrintWriter err = line.getErr();
          err.println("Error: " + exception.getMessage());
          err.flush();
          return 1;
        });
    Optional<String> garbled = garbled(arguments);
    if (garbled.isPresent()) {
      PrintWriter err = command.getErr();
      err.println(
          "Error: Java reads arguments and names of files in "
              + System.getProperty("sun.jnu.encoding")
              + " here, which cannot say '"
              + garbled.get()
              + "'. Set a locale of UTF-8, say LC_ALL=C.UTF-8, and start again.");
      err.flush();
      return 2;
    }
    try {
      return command.execute(arguments);
    } catch (OutOfMemoryError e) {
      PrintWriter err = command.getErr();
      err.println(
          "Error: Java's memory of "
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MiB is not enough for this: ask for less, or give more with -Xmx.");
      err.flush();
      return 1;
    }
  }

  /** Returns what the locale could not decode: an argument, or the folder that paths start from. */
  private static Optional<String> garbled(String... arguments) {
    if ("UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
      return Optional.empty();
    }
    return Stream.concat(Stream.of(arguments), Stream.of(System.getProperty("user.dir")))
        .filter(text -> text.indexOf(UNDECODED) >= 0)
        .findFirst();
  }

  /** Makes something of the user's arguments; a value that is refused is bad input. */
  public static <T> T valid(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new MoaException("An argument has a value out of range: " + e.getMessage(), e);
    }
  }
}
