package io.github.moa4j.examples.study.process;

import io.github.moa4j.core.MoaException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A process that measures when it is asked, so that several can take turns, each with its own
 * memory: the name of a measurement goes in as a line, a line {@code =name=value} comes out. What
 * else it writes is passed on. {@link Measurements} is its other end.
 */
public final class MeasuringProcess implements AutoCloseable {

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter questions;

  private MeasuringProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
  }

  /** Starts a main class that calls {@link Measurements#answer}. */
  public static MeasuringProcess start(
      List<String> jvmOptions, Class<?> main, List<String> arguments) {
    return start(main.getSimpleName(), ChildJvm.command(jvmOptions, main, arguments), Map.of());
  }

  /**
   * Starts any program.
   *
   * @param environment variables beside those of this process
   * @throws MoaException if it cannot be started
   */
  public static MeasuringProcess start(
      String name, List<String> command, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
      builder.environment().putAll(environment);
      Process process = builder.start();
      // Else it would go on alone when the user interrupts this process.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
      return new MeasuringProcess(name, process);
    } catch (IOException e) {
      throw new MoaException("Cannot run " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Asks and waits.
   *
   * @return NaN if it cannot measure that
   * @throws MoaException if it ended
   */
  public double measure(String measurement) {
    questions.println(measurement);
    String prefix = ChildJvm.MARK + measurement + ChildJvm.MARK;
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(prefix)) {
          return Double.parseDouble(line.substring(prefix.length()));
        }
        ChildJvm.out().println(line);
      }
      throw new MoaException(name + " ended while it measured " + measurement + ".");
    } catch (IOException e) {
      throw new MoaException("Cannot read from " + name + ": " + e.getMessage(), e);
    }
  }

  /** Lets the process end and waits for it. */
  @Override
  public void close() {
    questions.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
