package io.github.moa4j.examples.study.process;

import io.github.moa4j.core.MoaException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A Java process with this process's class path that answers in lines {@code =name=value}. What
 * else it writes is passed on.
 */
public final class ChildJvm {

  static final String MARK = "=";

  private ChildJvm() {}

  /**
   * Runs a main class and waits for it.
   *
   * @param jvmOptions such as {@code -Xmx256m}
   * @param environment variables beside those of this process
   * @return the values it reported, in their order
   * @throws MoaException if it cannot be started or ends with another code than 0
   */
  public static Map<String, Double> run(
      List<String> jvmOptions,
      Map<String, String> environment,
      Class<?> main,
      List<String> arguments) {
    Map<String, Double> values = new LinkedHashMap<>();
    int code =
        run(jvmOptions, environment, main, arguments, Redirect.INHERIT, l -> accept(l, values));
    if (code != 0) {
      throw new MoaException(main.getSimpleName() + " ended with code " + code + ".");
    }
    return values;
  }

  /**
   * Runs a main class that may end as it likes, and waits for it.
   *
   * @param error where its standard error goes
   * @param line takes each line that it writes
   * @return its exit code, which tells how the operating system ended it, too
   * @throws MoaException if it cannot be started
   */
  public static int run(
      List<String> jvmOptions,
      Map<String, String> environment,
      Class<?> main,
      List<String> arguments,
      Redirect error,
      Consumer<String> line) {
    try {
      Process process = start(jvmOptions, environment, main, arguments, error);
      // Else it would go on alone when the user interrupts this process.
      Thread end = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(end);
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        lines.lines().forEach(line);
      }
      int code = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(end);
      return code;
    } catch (IOException e) {
      throw new MoaException("Cannot run " + main.getSimpleName() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoaException("Interrupted while " + main.getSimpleName() + " ran.", e);
    }
  }

  /**
   * Starts a main class and leaves it to the caller, who may kill it.
   *
   * @throws MoaException if it cannot be started
   */
  public static Process start(
      List<String> jvmOptions,
      Map<String, String> environment,
      Class<?> main,
      List<String> arguments,
      Redirect error) {
    ProcessBuilder builder =
        new ProcessBuilder(command(jvmOptions, main, arguments)).redirectError(error);
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new MoaException("Cannot run " + main.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  static List<String> command(List<String> jvmOptions, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    // The engine logs how it starts.
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    return command;
  }

  /**
   * Runs a main class in the environment of this process; see {@link #run(List, Map, Class, List)}.
   */
  public static Map<String, Double> run(
      List<String> jvmOptions, Class<?> main, List<String> arguments) {
    return run(jvmOptions, Map.of(), main, arguments);
  }

  private static void accept(String line, Map<String, Double> values) {
    if (line.startsWith(MARK)) {
      String[] parts = line.split(MARK, -1);
      values.put(parts[1], Double.valueOf(parts[2]));
    } else {
      out().println(line);
    }
  }

  /** Reports a value to the process that called {@link #run}. */
  public static void report(String name, double value) {
    out().printf(Locale.ROOT, "%s%s%s%s%n", MARK, name, MARK, value);
  }

  /** The stream through which a child speaks. */
  public static PrintStream out() {
    return System.out;
  }

  /** Maven runs a main class in its own process, where only the class loader knows the path. */
  private static String classPath() {
    if (ChildJvm.class.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(ChildJvm::file)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path");
  }

  private static String file(URL url) {
    return Path.of(URI.create(url.toString())).toString();
  }
}
