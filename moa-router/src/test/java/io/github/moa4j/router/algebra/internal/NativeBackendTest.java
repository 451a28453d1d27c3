package io.github.moa4j.router.algebra.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.router.SyntheticDomains;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeBackendTest {

  @Test
  void isThereInTheTests() {
    NativeBackend.require();
  }

  /** Without native code, and without ND4J at all, as who only serves runs. */
  @ParameterizedTest
  @ValueSource(strings = {"nd4j-native", "nd4j"})
  void namesTheDependencyThatIsMissingAtTheFirstUseAndAtEveryOther(String missing)
      throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(missing))
            .collect(Collectors.joining(File.pathSeparator));

    String said = run(classPath);

    assertThat(said.lines().filter(line -> line.startsWith("refused:")))
        .hasSize(4)
        .allMatch(
            line -> line.contains("Add org.nd4j:nd4j-native to the application's class path"));
  }

  private static String run(String classPath) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classPath,
                    WithoutNatives.class.getName()))
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    return said;
  }

  /** Runs where ND4J or its native code is missing. */
  static final class WithoutNatives {

    public static void main(String[] args) {
      refused(NativeBackend::require);
      refused(NativeBackend::require);
      refused(() -> Cholesky.of(new double[] {1}, 1));
      refused(() -> SyntheticDomains.statistics("sql", 9));
    }

    private static void refused(Runnable work) {
      try {
        work.run();
      } catch (MoaException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }
}
