package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.GenerationOptions;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who only answers from a mixture needs nothing of ND4J on the class path. */
class ServingWithoutAlgebraTest {

  private static final String PROMPT = TestMixture.prompt("colours", 3);

  @TempDir private Path folder;

  @Test
  void routesAndAnswersWithoutNd4jOnTheClassPath() throws Exception {
    Path mixture = TestMixture.in(folder).directory.directory();

    String said = serve(mixture);

    try (MixtureOfLoras here = MixtureOfLoras.builder(mixture).open()) {
      assertThat(said.lines()).contains("answered: " + answer(here));
    }
  }

  private static String answer(MixtureOfLoras mixture) {
    Answer answer = mixture.generate(Question.of(PROMPT).with(GenerationOptions.greedy(8)));
    return answer.decision().chosen() + " " + List.of(answer.text());
  }

  private static String serve(Path mixture) throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*[/\\\\](nd4j|bytedeco)[/\\\\].*"))
            .collect(Collectors.joining(File.pathSeparator));
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx256m",
                    "-Dai.djl.offline=true",
                    "-Dai.djl.pytorch.num_threads=1",
                    "-cp",
                    classPath,
                    Server.class.getName(),
                    mixture.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    return said;
  }

  /** Opens a mixture, restricts a question and answers one. */
  static final class Server {

    public static void main(String[] args) {
      try {
        Class.forName("org.nd4j.linalg.factory.Nd4j");
        throw new IllegalStateException("ND4J is on the class path");
      } catch (ClassNotFoundException e) {
        // as it shall be
      }
      try (MixtureOfLoras mixture = MixtureOfLoras.builder(Path.of(args[0])).open()) {
        mixture.generate(
            Question.of(PROMPT).among(Set.of("numbers")).with(GenerationOptions.greedy(2)));
        System.out.println("answered: " + answer(mixture));
      }
    }
  }
}
