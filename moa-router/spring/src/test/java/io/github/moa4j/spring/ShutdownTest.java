package io.github.moa4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;

/** What a service manager does to an application: it ends it in the middle of its work. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGTERM")
final class ShutdownTest {

  private static final int TERMINATED = 128 + 15;

  @Test
  void answersUntilSpringHasClosedTheApplication(@TempDir Path folder) throws Exception {
    Path mixture = TrainedMixture.folder();
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx512m",
                    "-Dai.djl.offline=true",
                    "-Dai.djl.pytorch.num_threads=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Application.class.getName(),
                    "--moa.mixture=" + mixture,
                    "--moa.abstention-threshold=0"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.equals("serving")) {
        line = out.readLine();
      }
      process.toHandle().destroy(); // SIGTERM; the process itself would close its output
      String said = out.lines().collect(Collectors.joining("\n"));
      assertThat(process.waitFor()).as(said).isEqualTo(TERMINATED);
      assertThat(said).contains("last answer: " + TrainedMixture.ANSWER).doesNotContain("SIG");
    }
  }

  /** Has one more question when its process is told to end. */
  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class Application {

    public static void main(String[] args) {
      SpringApplication application = new SpringApplication(Application.class);
      application.setWebApplicationType(org.springframework.boot.WebApplicationType.NONE);
      application.setKeepAlive(true);
      application.run(args);
      System.out.println("serving");
    }

    @Bean
    SmartLifecycle lastQuestion(ChatModel model) {
      return new SmartLifecycle() {

        private volatile boolean running;

        @Override
        public void start() {
          running = true;
        }

        @Override
        public void stop() {
          try {
            Thread.sleep(500); // other shutdown hooks have run long since
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          System.out.println("last answer: " + model.call(TrainedMixture.QUESTION));
          running = false;
        }

        @Override
        public boolean isRunning() {
          return running;
        }
      };
    }
  }
}
