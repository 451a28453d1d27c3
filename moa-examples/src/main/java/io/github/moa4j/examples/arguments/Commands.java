package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.MoaException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Runs a program: what the user did wrong is one line, without a stack trace. */
public final class Commands {

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

  /** Makes something of the user's arguments; a value that is refused is bad input. */
  public static <T> T valid(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new MoaException("An argument has a value out of range: " + e.getMessage(), e);
    }
  }
}
