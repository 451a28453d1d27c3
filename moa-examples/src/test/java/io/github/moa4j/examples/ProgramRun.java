package io.github.moa4j.examples;

import io.github.moa4j.examples.arguments.Commands;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a program left behind.
 *
 * @param exitCode 0 if it did what it was asked for
 * @param out what it wrote to the standard output
 * @param err what it wrote to the standard error, log lines included
 */
record ProgramRun(int exitCode, String out, String err) {

  /** Runs a program as its main method does; arguments are taken as texts. */
  static ProgramRun of(Callable<Integer> program, Object... arguments) {
    return withInput("", program, arguments);
  }

  /** Runs a program that reads the standard input. */
  static ProgramRun withInput(String input, Callable<Integer> program, Object... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    InputStream in = System.in;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
      int exitCode = Commands.run(program, texts);
      return new ProgramRun(
          exitCode,
          written.toString(StandardCharsets.UTF_8),
          errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
      System.setIn(in);
    }
  }

  /** The one line on the standard error, warnings aside, of a program that was given bad input. */
  String error() {
    List<String> lines = err.lines().filter(line -> !line.startsWith("WARN ")).toList();
    if (exitCode != 1 || lines.size() != 1 || !lines.get(0).startsWith("Error: ")) {
      throw new AssertionError("expected exit code 1 and one line of error, found " + this);
    }
    return lines.get(0).strip();
  }
}
