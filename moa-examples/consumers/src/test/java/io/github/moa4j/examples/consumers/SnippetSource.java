package io.github.moa4j.examples.consumers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The compilation unit around a Java snippet. Names of this project need no import, except where
 * two modules have the same; those of the JDK's everyday packages neither.
 */
final class SnippetSource {

  private static final String EVERYDAY =
      Stream.of("java.io", "java.nio.file", "java.time", "java.util", "java.util.concurrent")
          .map(name -> "import " + name + ".*;\n")
          .collect(Collectors.joining());

  private static final Pattern NAME = Pattern.compile("(?<![\\w.\"])[A-Z]\\w+");
  private static final Pattern DECLARATION =
      Pattern.compile("^(@\\w+\\s*)*(public |final )*(class|record|interface|enum) ");
  private static final Pattern LEFT_OUT = Pattern.compile("\\.\\.\\.(?=\\s)");

  /** Public types of this project by their simple name, those of {@code internal} aside. */
  private static final List<String> TYPES = publicTypes();

  private SnippetSource() {}

  static String of(Snippet snippet, String className) {
    String text = LEFT_OUT.matcher(snippet.text()).replaceAll("");
    text = text.replaceAll("\\bPath\\.of\\(\"", "in(\"");
    String given = snippet.note("given").orElse("");
    String body =
        DECLARATION.matcher(text).find()
            ? text
            : "  public static void run(" + given + ") throws Exception {\n" + text + "\n}\n";
    String with = snippet.note("with").orElse("");
    return EVERYDAY
        + imports(snippet, given + " " + body + " " + with)
        + "public final class "
        + className
        + " {\n"
        + "  static Path in(String name) {\n"
        + "    return Path.of(System.getProperty(\"snippets.folder\"), name);\n"
        + "  }\n"
        + with
        + "\n"
        + body
        + "}\n";
  }

  private static String imports(Snippet snippet, String code) {
    Set<String> imported = new TreeSet<>();
    snippet
        .note("import")
        .ifPresent(names -> imported.addAll(List.of(names.split("\\s*[,\n]\\s*"))));
    Set<String> known =
        imported.stream().map(SnippetSource::simpleName).collect(Collectors.toSet());
    Matcher names = NAME.matcher(code);
    while (names.find()) {
      String name = names.group();
      if (!known.contains(name)) {
        TYPES.stream().filter(type -> simpleName(type).equals(name)).forEach(imported::add);
      }
    }
    return imported.stream().map(name -> "import " + name + ";\n").collect(Collectors.joining());
  }

  private static String simpleName(String type) {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private static List<String> publicTypes() {
    try (Stream<Path> files = Files.walk(Snippet.ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/main/java/".replace('/', separator())))
          .filter(SnippetSource::isPublic)
          .map(Path::toString)
          .map(file -> file.substring(file.indexOf("src" + separator() + "main") + 14))
          .map(file -> file.substring(0, file.length() - ".java".length()))
          .map(file -> file.replace(separator(), '.'))
          .filter(type -> !type.contains(".internal.") && !type.contains(".study."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static char separator() {
    return java.io.File.separatorChar;
  }

  private static boolean isPublic(Path file) {
    return Pattern.compile("^public ", Pattern.MULTILINE).matcher(Snippet.read(file)).find();
  }
}
