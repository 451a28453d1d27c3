package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.GenerationOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager does to a server: it ends it in the middle of its work. */
@Timeout(300)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGTERM")
class ServingExitTest {

  private static final int ROUNDS = 3;
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path folder;

  @Test
  void aServerThatIsTerminatedWhileItAnswersEndsWithoutACrash() throws Exception {
    Path mixture = TestMixture.in(folder).directory.directory();
    for (int round = 0; round < ROUNDS; round++) {
      Process server = serve(mixture);
      try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
        String line = out.readLine();
        while (line != null && !line.equals("serving")) {
          line = out.readLine();
        }
        Thread.sleep(100L * round);
        server.toHandle().destroy(); // SIGTERM; the process itself would close its output
        String said = out.lines().collect(Collectors.joining("\n"));
        assertThat(server.waitFor()).as(said).isEqualTo(TERMINATED);
        assertThat(said).contains("at work: 0").doesNotContain("SIGSEGV", "SIGABRT", "Exception");
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.filter(file -> file.getFileName().toString().startsWith("hs_err")))
            .isEmpty();
      }
    }
  }

  private Process serve(Path mixture) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName(),
                mixture.toString()))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /** Answers in several threads until it is ended. */
  static final class Server {

    public static void main(String[] args) {
      MixtureOfLoras mixture = MixtureOfLoras.builder(Path.of(args[0])).open();
      mixture.generate(question(0));
      List<Thread> workers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int worker = i;
        workers.add(new Thread(() -> answer(mixture, worker)));
      }
      workers.forEach(Thread::start);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> tellTheEndOf(workers)));
      System.out.println("serving");
    }

    private static void tellTheEndOf(List<Thread> workers) {
      try {
        for (Thread worker : workers) {
          worker.join(30_000);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      System.out.println("at work: " + workers.stream().filter(Thread::isAlive).count());
    }

    private static void answer(MixtureOfLoras mixture, int worker) {
      try {
        for (int seed = worker; ; seed++) {
          if (worker == 0) {
            mixture.generate(List.of(question(seed), question(seed + 1), question(seed + 2)));
          } else {
            mixture.generate(question(seed));
          }
        }
      } catch (MixtureClosedException e) {
        // the mixture's end, and this worker's
      }
    }

    private static Question question(int seed) {
      return Question.of(TestMixture.prompt("colours", seed)).with(GenerationOptions.greedy(40));
    }
  }
}
