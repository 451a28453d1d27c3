package io.github.moa4j.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java of README and docs, compiled as it stands, and run against a small mixture. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JavaSnippetsTest {

  private final Map<Snippet, String> classNames = new LinkedHashMap<>();

  @TempDir private static Path folder;
  private Path classes;
  private String complaints;

  @BeforeAll
  void compile() throws Exception {
    System.setProperty("snippets.folder", folder.toString());
    Path sources = Files.createDirectories(folder.resolve("sources"));
    classes = Files.createDirectories(folder.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-Xlint:-options",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    for (Snippet snippet : Snippet.in("java")) {
      String name = "Snippet" + classNames.size();
      classNames.put(snippet, name);
      Path source = sources.resolve(name + ".java");
      Files.writeString(source, SnippetSource.of(snippet, name));
      arguments.add(source.toString());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exitCode = compiler.run(null, said, said, arguments.toArray(String[]::new));
    complaints = exitCode == 0 ? "" : classNames + "\n" + said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void allCompile() {
    assertThat(complaints).isEmpty();
    assertThat(classNames).hasSizeGreaterThan(10);
  }

  @Test
  void saysWhatItNeedsInKnownWords() {
    assertThat(classNames.keySet())
        .allSatisfy(
            snippet ->
                assertThat(snippet.notes().keySet())
                    .isSubsetOf("given", "import", "with", "compiled only"));
  }

  static List<Snippet> thatRun() {
    return Snippet.in("java").stream()
        .filter(snippet -> snippet.note("compiled only").isEmpty())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("thatRun")
  void runs(Snippet snippet) throws Exception {
    assertThat(complaints).isEmpty();
    if (!Files.exists(folder.resolve("mixture"))) {
      SmallMixture.in(folder);
    }
    PrintStream out = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        MixtureOfLoras mixture = MixtureOfLoras.builder(folder.resolve("mixture")).open()) {
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
      Method run =
          Arrays.stream(loader.loadClass(classNames.get(snippet)).getMethods())
              .filter(method -> method.getName().equals("run"))
              .findFirst()
              .orElseThrow();
      run.invoke(null, Arrays.stream(run.getParameters()).map(p -> given(p, mixture)).toArray());
    } finally {
      System.setOut(out);
    }
  }

  private Object given(Parameter parameter, MixtureOfLoras mixture) {
    if (parameter.getType() == MixtureOfLoras.class) {
      return mixture;
    }
    if (parameter.getType() == MixtureTrainer.class) {
      return new MixtureTrainer(
          mixture.base(), mixture.prompts(), MixtureTrainingSettings.of(SmallMixture.OPTIONS));
    }
    throw new AssertionError(parameter + " cannot be given: say that the snippet is compiled only");
  }
}
