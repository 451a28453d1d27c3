package io.github.moa4j.examples.consumers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * A main class that takes options.
 *
 * @param name as {@code -Dmain} takes it, such as {@code study.Benchmark}
 */
record Program(String name, CommandLine command) {

  private static final List<String> PACKAGES =
      List.of(
          "moa-examples/src/main/java/io/github/moa4j/examples",
          "moa-examples/study/src/main/java/io/github/moa4j/examples",
          "moa-router/server/src/main/java/io/github/moa4j/server");

  static List<Program> all() {
    return PACKAGES.stream().flatMap(folder -> in(Snippet.ROOT.resolve(folder))).toList();
  }

  private static Stream<Program> in(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> isProgram(Snippet.read(file)))
          .sorted()
          .toList()
          .stream()
          .map(file -> of(folder, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isProgram(String source) {
    return source.contains("@Command(") && source.contains("public static void main(");
  }

  private static Program of(Path folder, Path file) {
    String relative = folder.relativize(file).toString().replaceAll("[/\\\\]", ".");
    String name = relative.substring(0, relative.length() - ".java".length());
    String last = folder.getFileName().toString();
    try {
      Class<?> type = Class.forName("io.github.moa4j." + last + "." + name);
      Object program = CommandLine.defaultFactory().create(type);
      return new Program(name, new CommandLine(program).setCaseInsensitiveEnumValuesAllowed(true));
    } catch (Exception e) {
      throw new AssertionError("cannot make the program " + name, e);
    }
  }

  /** Whether a program has an option of that name. */
  static boolean anyHas(String option) {
    return all().stream()
        .flatMap(program -> program.command.getCommandSpec().options().stream())
        .anyMatch(known -> Arrays.asList(known.names()).contains(option));
  }

  @Override
  public String toString() {
    return name;
  }
}
