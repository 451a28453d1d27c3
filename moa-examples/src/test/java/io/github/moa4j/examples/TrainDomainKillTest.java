package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.examples.measurement.FolderHash;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the training program, as the operating system would, and lets it go on. */
class TrainDomainKillTest {

  private static final int KILLS = 12;

  @TempDir private Path folder;
  private Path base;

  @BeforeEach
  void writeDomainAndBase() throws IOException {
    GeneratedExamples examples = GeneratedDomains.all().get(0).generate(48, 4, 1);
    Domains.write(
        folder, List.of(new Domain("cron", examples.train(), examples.heldOut(), List.of())));
    base = ShallowBase.in(folder.resolve("base"), 1);
  }

  @Test
  void killedTrainingLosesNothingStoredAndGoesOnToTheIdenticalAdapter() throws Exception {
    String baseBefore = FolderHash.of(base);
    Path whole = folder.resolve("whole");
    long start = System.nanoTime();
    assertThat(start(whole).waitFor()).isZero();
    long duration = System.nanoTime() - start;
    String expected = PeftFormat.read(whole).sha256();

    Random random = new Random(5);
    int killedAfterAState = 0;
    int run = 0;
    // Most of a run is its start: on a busy machine few kills fall behind its first state.
    for (int kills = 0; kills < KILLS || (killedAfterAState < 2 && kills < 5 * KILLS); ) {
      Path output = folder.resolve("killed-" + run);
      int before = savedStep(output);
      Process process = start(output);
      boolean ended =
          process.waitFor((long) (random.nextDouble() * duration), TimeUnit.NANOSECONDS);
      process.destroyForcibly().waitFor();
      if (!ended) {
        kills++;
        killedAfterAState += before > 0 ? 1 : 0;
      }
      if (Files.exists(output)) {
        assertThat(PeftFormat.read(output).sha256()).isEqualTo(expected);
        run++;
      } else {
        assertThat(ended).as("a run that ended left an adapter").isFalse();
        assertThat(savedStep(output)).isGreaterThanOrEqualTo(before);
      }
    }

    Path last = folder.resolve("killed-" + run);
    assertThat(start(last).waitFor()).isZero();
    assertThat(PeftFormat.read(last).sha256()).isEqualTo(expected);
    assertThat(savedStep(last)).isZero();
    assertThat(killedAfterAState).isGreaterThan(1);
    assertThat(FolderHash.of(base)).isEqualTo(baseBefore);
  }

  /** The steps that a run's state file holds; 0 without one. */
  private static int savedStep(Path output) throws IOException {
    Path state = output.resolveSibling(output.getFileName() + ".training.safetensors");
    if (Files.notExists(state)) {
      return 0;
    }
    try (SafetensorsFile file = SafetensorsFile.open(state)) {
      return new ObjectMapper()
          .readTree(file.metadata().get("moa4j.training"))
          .path("step")
          .asInt();
    }
  }

  private Process start(Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Most of a child's time is its start.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TrainDomain.class.getName());
    command.addAll(List.of("--base", base.toString()));
    command.addAll(List.of("--data", folder.resolve("cron").toString()));
    command.addAll(List.of("--output", output.toString(), "--precision", "f32"));
    command.addAll(List.of("--epochs", "10", "--batch-size", "8", "--dropout", "0.1"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(
                    folder.resolve(output.getFileName() + ".log").toFile()));
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }
}
