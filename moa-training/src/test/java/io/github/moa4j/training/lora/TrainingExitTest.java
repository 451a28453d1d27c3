package io.github.moa4j.training.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.EncodedExample;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a training whose process or base ends under it. */
final class TrainingExitTest {

  private static final int ROUNDS = 3;
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path folder;

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGTERM")
  void aTrainingThatIsTerminatedEndsWithoutACrash() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Process training = train();
      try (BufferedReader out = training.inputReader(StandardCharsets.UTF_8)) {
        String line = out.readLine();
        while (line != null && !line.equals("training")) {
          line = out.readLine();
        }
        Thread.sleep(70L * round);
        training.toHandle().destroy(); // SIGTERM; the process itself would close its output
        String said = out.lines().collect(Collectors.joining("\n"));
        assertThat(training.waitFor()).as(said).isEqualTo(TERMINATED);
        assertThat(said).doesNotContain("SIGSEGV", "SIGABRT");
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.filter(file -> file.getFileName().toString().startsWith("hs_err")))
            .isEmpty();
      }
    }
  }

  @Test
  void aTrainingWhoseBaseIsClosedIsToldSo() throws Exception {
    BaseModel model = base();
    CountDownLatch started = new CountDownLatch(1);
    Thread closer =
        new Thread(
            () -> {
              try {
                started.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              model.close();
            });
    closer.start();

    assertThatThrownBy(() -> train(model, started))
        .isInstanceOf(EngineClosedException.class)
        .hasMessage("The model is closed.");
    closer.join();
  }

  private Process train() throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                Training.class.getName(),
                golden().toAbsolutePath().toString()))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private static Path golden() {
    return Path.of("../moa-core/src/test/resources/golden/llama-gqa");
  }

  private static BaseModel base() {
    return BaseModel.load(golden(), WeightFormat.F32);
  }

  private static void train(BaseModel model, CountDownLatch started) {
    LoraConfig lora = LoraConfig.of(4, 8, EnumSet.allOf(TargetModule.class));
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(TrainingStep step) {
            started.countDown();
          }
        };
    List<EncodedExample> examples = examples();
    new LoraTrainer(model, TrainingOptions.of(lora).withEpochs(100_000))
        .train(examples, examples, TrainingSession.fresh().withListener(listener));
  }

  private static List<EncodedExample> examples() {
    Random random = new Random(1);
    List<EncodedExample> examples = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      examples.add(new EncodedExample(random.ints(40, 3, 500).toArray(), 4));
    }
    return examples;
  }

  /** Trains until it is ended. */
  static final class Training {

    public static void main(String[] args) {
      CountDownLatch started = new CountDownLatch(1);
      BaseModel model = BaseModel.load(Path.of(args[0]), WeightFormat.F32);
      new Thread(() -> train(model, started)).start();
      try {
        started.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      System.out.println("training");
    }
  }
}
