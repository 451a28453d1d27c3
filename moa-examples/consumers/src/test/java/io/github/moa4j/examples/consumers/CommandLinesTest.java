package io.github.moa4j.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command lines of README and docs: modules, profiles, programs and options exist. */
class CommandLinesTest {

  /** Of Maven's command lines and of others' programs. */
  private static final Set<String> NOT_OURS =
      Set.of(
          "--help",
          "--version",
          "--enable-native-access",
          "--sun-misc-unsafe-memory-access",
          "--jars", // of spark-submit
          "--add-opens",
          "--room", // of an answer that the quickstart's model gives
          "--level");

  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");
  private static final Pattern ARGUMENTS = Pattern.compile("-Dexec\\.args=\"([^\"]*)\"");
  private static final Pattern MAIN = Pattern.compile("-Dmain=([\\w.]+)");

  /** Lines that call Maven, in blocks and in the text. */
  static Stream<String> callsOfMaven() {
    return Snippet.pages().stream()
        .flatMap(page -> Snippet.read(page).lines().map(line -> page.getFileName() + ": " + line))
        .filter(line -> line.matches("[^:]+: mvn .*"))
        .map(line -> line.replaceFirst("\\s+# .*", ""));
  }

  @ParameterizedTest
  @MethodSource("callsOfMaven")
  void namesModulesProfilesAndProgramsThatExist(String call) throws IOException {
    for (String module : values(call, "-pl ([\\w/,-]+)")) {
      assertThat(Snippet.ROOT.resolve(module).resolve("pom.xml")).exists();
    }
    for (String profile : values(call, "-P([\\w,-]+)")) {
      assertThat(poms()).anyMatch(pom -> pom.contains("<id>" + profile + "</id>"));
    }
    for (String test : values(call, "-Dtest='?([\\w,]+)")) {
      try (Stream<Path> files = Files.walk(Snippet.ROOT)) {
        assertThat(files).anyMatch(file -> file.endsWith(test + ".java"));
      }
    }
    if (call.contains("exec:java")) {
      String serve = call.contains("-Pserve") ? "Serve" : "Quickstart";
      String name = values(call, MAIN.pattern()).stream().findFirst().orElse(serve);
      Matcher arguments = ARGUMENTS.matcher(call);
      parse(name, arguments.find() ? arguments.group(1) : "");
    }
  }

  /** Code in the text that calls a program by its name: {@code AddDomain --mixture M}. */
  static Stream<String> callsOfPrograms() {
    return codes().filter(code -> code.matches("[A-Z]\\w+ --.*")).distinct();
  }

  @ParameterizedTest
  @MethodSource("callsOfPrograms")
  void namesOptionsOfTheProgram(String call) {
    String[] parts = call.split(" ", 2);
    parse(parts[0], parts[1]);
  }

  @Test
  void namesOptionsThatSomeProgramHas() {
    assertThat(
            codes()
                .flatMap(code -> OPTION.matcher(code).results().map(MatchResult::group))
                .distinct())
        .filteredOn(option -> !NOT_OURS.contains(option))
        .allMatch(Program::anyHas);
  }

  private static void parse(String name, String arguments) {
    Optional<Program> program =
        Program.all().stream()
            .filter(known -> known.name().equals(name) || known.name().endsWith("." + name))
            .findFirst();
    assertThat(program).as(name).isPresent();
    String[] words = arguments.isBlank() ? new String[0] : arguments.strip().split("\\s+");
    assertThatCode(() -> program.get().command().parseArgs(words))
        .as(name + " " + arguments)
        .doesNotThrowAnyException();
  }

  private static List<String> values(String call, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(call);
    return matcher.find() ? List.of(matcher.group(1).split(",")) : List.of();
  }

  private static Stream<String> codes() {
    return Snippet.pages().stream()
        .flatMap(page -> CODE.matcher(Snippet.read(page)).results())
        .map(result -> result.group(1));
  }

  private static List<String> poms() throws IOException {
    List<String> poms = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Snippet.ROOT, 3)) {
      files.filter(file -> file.endsWith("pom.xml")).forEach(file -> poms.add(Snippet.read(file)));
    }
    return poms;
  }
}
