package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import picocli.CommandLine.Help.Ansi;

/** The lines of the standard input, which a terminal is asked for. */
public final class InputLines {

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
  private final PrintWriter out;

  /** Starts reading; where the input is a terminal, {@code out} says how it is used. */
  public InputLines(PrintWriter out) {
    this.out = out;
    if (Ansi.AUTO.enabled()) {
      out.println("A question a line; an empty line ends.");
    }
  }

  /** Returns the next line; behind the last, an empty one. */
  public String next() {
    if (Ansi.AUTO.enabled()) {
      out.print("> ");
      out.flush();
    }
    try {
      String line = in.readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw new MoaException("Cannot read the input: " + Failure.reason(e) + ".", e);
    }
  }
}
