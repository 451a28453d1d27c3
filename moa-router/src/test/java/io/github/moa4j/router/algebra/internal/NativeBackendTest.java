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

class NativeBackendTest {

  @Test
  void isThereInTheTests() {
    NativeBackend.require();
  }

  @Test
  void namesTheDependencyThatIsMissingAtTheFirstUseAndAtEveryOther() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("nd4j-native"))
            .collect(Collectors.joining(File.pathSeparator));

    String said = run(classPath);

    assertThat(said.lines().filter(line -> line.startsWith("refused:")))
        .hasSize(3)
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

  /** Runs where ND4J finds no native code. */
  static final class WithoutNatives {

    public static void main(String[] args) {
      refused(NativeBackend::require);
      refused(NativeBackend::require);
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
