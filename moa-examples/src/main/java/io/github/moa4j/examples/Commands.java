package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs a program: what the user did wrong is one line, without a stack trace. */
final class Commands {

  private Commands() {}

  /** Returns the exit code: 0, 1 for bad input, 2 for bad arguments. */
  static int run(Callable<Integer> program, String... arguments) {
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
    return command.execute(arguments);
  }
}
