package io.github.moa4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the training program, as the operating system would, and lets it go on. */
class TrainDomainKillTest {

  private static final int KILLS = 12;

  @Test
  void killedTrainingGoesOnToTheIdenticalAdapterAndNeverLeavesHalfOfOne(@TempDir Path folder)
      throws Exception {
    GeneratedExamples examples = GeneratedDomains.all().get(0).generate(48, 4, 1);
    Domains.write(
        folder, List.of(new Domain("cron", examples.train(), examples.heldOut(), List.of())));
    Path base = EmbeddedBase.extractTo(folder.resolve("base"));
    Path whole = folder.resolve("whole");
    assertThat(start(folder, base, whole).waitFor()).isZero();

    Path killed = folder.resolve("killed");
    Random random = new Random(5);
    for (int kill = 0; kill < KILLS && Files.notExists(killed); kill++) {
      Process process = start(folder, base, killed);
      process.waitFor(500 + random.nextInt(4000), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      if (Files.exists(killed)) {
        PeftFormat.read(killed);
      }
    }
    if (Files.notExists(killed)) {
      assertThat(start(folder, base, killed).waitFor()).isZero();
    }

    assertThat(PeftFormat.read(killed).sha256()).isEqualTo(PeftFormat.read(whole).sha256());
  }

  private static Process start(Path folder, Path base, Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TrainDomain.class.getName());
    command.addAll(List.of("--base", base.toString()));
    command.addAll(List.of("--data", folder.resolve("cron").toString()));
    command.addAll(List.of("--output", output.toString(), "--precision", "f32"));
    command.addAll(List.of("--epochs", "6", "--batch-size", "8", "--dropout", "0.1"));
    Path log = folder.resolve(output.getFileName() + ".log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
