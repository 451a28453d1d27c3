package io.github.moa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Sha256;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.spark.TaskEndReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Against the mixture that one machine trains. */
@Timeout(240)
@ExtendWith(TestCluster.class)
final class SparkDomainsTest {

  private static final SparkBase BASE =
      new SparkBase(OneMachine.BASE.toUri().toString(), WeightFormat.F32);

  @TempDir private Path folder;

  private static Map<String, String> expected;

  @BeforeAll
  static void trainOnOneMachine() throws IOException {
    expected = versions(OneMachine.MIXTURE);
  }

  @BeforeEach
  void withoutFaults() throws IOException {
    FaultyFileSystem.reset();
  }

  @Test
  void anExecutorThatIsKilledInTheMiddleOfATrainingChangesNothing() throws Exception {
    List<String> failures = new CopyOnWriteArrayList<>();
    SparkListener listener = failuresInto(failures);
    TestCluster.session().sparkContext().addSparkListener(listener);
    CompletableFuture<Long> killed = CompletableFuture.supplyAsync(() -> kill("rivers-train"));

    train(folder.resolve("mixture"));

    TestCluster.session().sparkContext().removeSparkListener(listener);
    assertThat(killed).isCompleted();
    assertThat(FaultyFileSystem.readers("rivers-train")).hasSizeGreaterThan(1);
    assertThat(failures).anyMatch(failure -> failure.contains("ExecutorLostFailure"));
    assertThat(versions(folder.resolve("mixture"))).isEqualTo(expected);
  }

  @Test
  void aTaskThatFailsTwiceAndOneThatATwinOvertakesCommitOnce() throws Exception {
    List<String> failures = new CopyOnWriteArrayList<>();
    SparkListener listener = failuresInto(failures);
    TestCluster.session().sparkContext().addSparkListener(listener);
    FaultyFileSystem.failWriting("animals-", 2);
    FaultyFileSystem.delayWriting("capitals-");

    train(folder.resolve("mixture"));

    TestCluster.session().sparkContext().removeSparkListener(listener);
    assertThat(failures).filteredOn(failure -> failure.contains("ExceptionFailure")).hasSize(2);
    assertThat(failures).anyMatch(failure -> failure.contains("another attempt succeeded"));
    assertThat(versions(folder.resolve("mixture"))).isEqualTo(expected);
  }

  @Test
  void aSecondTrainingOfADomainIsItsSecondVersionAndABrokenOneTakesNoOtherDown() throws Exception {
    Path mixture = Files.createDirectories(folder.resolve("mixture"));
    copy(OneMachine.MIXTURE, mixture);
    Path domains = folder.resolve("domains");
    copy(OneMachine.DOMAINS.resolve("animals"), domains.resolve("animals"));
    Files.createDirectories(domains.resolve("broken"));
    Files.writeString(domains.resolve("broken").resolve("train.jsonl"), "{\"instruction\": 1}\n");

    assertThatThrownBy(
            () ->
                SparkDomains.train(
                    TestCluster.session(),
                    BASE,
                    "faulty:" + domains,
                    OneMachine.settings(),
                    mixture.toUri().toString()))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("1 of 2 domains")
        .hasMessageContaining("broken")
        .hasMessageContaining("line 1");

    MixtureState state = MixtureDirectory.open(mixture).state();
    assertThat(state.domains()).containsOnlyKeys("animals", "capitals", "rivers");
    assertThat(state.domain("animals").version()).isEqualTo(2);
    Map<String, String> after = versions(mixture);
    assertThat(after).containsAllEntriesOf(expected);
    assertThat(after.get("adapters/animals/v0002/adapter_model.safetensors"))
        .isEqualTo(expected.get("adapters/animals/v0001/adapter_model.safetensors"));
    assertThat(mixture).isDirectoryNotContaining("glob:**/.training-*");
  }

  private void train(Path mixture) {
    SparkDomains.train(
        TestCluster.session(),
        BASE,
        "faulty:" + OneMachine.DOMAINS,
        OneMachine.settings(),
        "faulty:" + mixture);
    assertThat(mixture).isDirectoryNotContaining("glob:**/.training-*");
  }

  /** Waits until an executor has begun to train a domain, and kills it a second later. */
  private static long kill(String part) {
    try {
      while (FaultyFileSystem.readers(part).isEmpty()) {
        Thread.sleep(20);
      }
      Thread.sleep(1000);
      long process = FaultyFileSystem.readers(part).get(0);
      ProcessHandle.of(process).orElseThrow().destroyForcibly();
      return process;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SparkListener failuresInto(List<String> failures) {
    return new SparkListener() {
      @Override
      public void onTaskEnd(SparkListenerTaskEnd end) {
        TaskEndReason reason = end.reason();
        if (!end.taskInfo().successful()) {
          failures.add(reason.getClass().getSimpleName() + ": " + reason);
        }
      }
    };
  }

  /** The hash of every file of every version, by its path in the mixture. */
  private static Map<String, String> versions(Path mixture) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (String part : List.of("adapters", "router")) {
      try (Stream<Path> files = Files.walk(mixture.resolve(part))) {
        files
            .filter(Files::isRegularFile)
            .forEach(
                file ->
                    hashes.put(
                        mixture.relativize(file).toString(), Sha256.of(file, MoaException::new)));
      }
    }
    return hashes;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
