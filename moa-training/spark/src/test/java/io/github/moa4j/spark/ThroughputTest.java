package io.github.moa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.router.Question;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What 1, 2 and 4 executors of one processor each take to answer and to train. */
@EnabledIfSystemProperty(named = "moa.throughput", matches = "true")
final class ThroughputTest {

  private static final int QUESTIONS = 400;
  private static final int DOMAINS = 4;
  private static final PrintStream OUT = System.out;

  @TempDir private Path folder;

  /** Seconds by the clock, and those of all executors' processors. */
  private static final class Meter {

    private double seconds = -System.nanoTime() / 1e9;
    private double processors = -used();

    private static double used() {
      return ProcessHandle.current()
          .children()
          .flatMap(process -> process.info().totalCpuDuration().stream())
          .mapToDouble(time -> time.toNanos() / 1e9)
          .sum();
    }

    void stop() {
      seconds += System.nanoTime() / 1e9;
      processors += used();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.1f s, %.1f s of the executors' processors", seconds, processors);
    }
  }

  private static Question question(String text) {
    return Question.of(text).with(GenerationOptions.builder().maxNewTokens(32).build());
  }

  @Test
  void tellsTheThroughputByExecutors() {
    Path domains = folder.resolve("domains");
    Domains.write(domains, IntStream.range(0, DOMAINS).mapToObj(ThroughputTest::domain).toList());
    OUT.printf("%d processors%n", Runtime.getRuntime().availableProcessors());
    for (int executors : new int[] {1, 2, 4}) {
      try (TestCluster.Running cluster = TestCluster.start(executors)) {
        answer(executors * 8, executors); // loads the base, and compiles
        Meter answering = new Meter();
        long tokens = answer(QUESTIONS, executors);
        answering.stop();
        Meter training = new Meter();
        SparkDomains.train(
            cluster.session(),
            new SparkBase(OneMachine.BASE.toUri().toString(), WeightFormat.F32),
            domains.toUri().toString(),
            OneMachine.settings(),
            folder.resolve("mixture-" + executors).toUri().toString());
        training.stop();
        OUT.printf(
            Locale.ROOT,
            "%d executors: %d answers, %d tokens: %s; %d domains: %s%n",
            executors,
            QUESTIONS,
            tokens,
            answering,
            DOMAINS,
            training);
      }
    }
  }

  private static Domain domain(int number) {
    return OneMachine.domain("domain" + number, "What of " + number + " is %d?", 60);
  }

  /** Returns the tokens of all answers. */
  private static long answer(int questions, int executors) {
    List<String> texts =
        IntStream.range(0, questions)
            .mapToObj(
                i ->
                    List.of("What does animal %d say?", "Name the capital of country %d.")
                        .get(i % 2)
                        .formatted(i))
            .toList();
    List<Row> rows =
        SparkAnswers.answer(
                TestCluster.session()
                    .createDataset(texts, Encoders.STRING())
                    .toDF("text")
                    .repartition(executors),
                SparkMixture.of(
                    OneMachine.MIXTURE.toUri().toString(),
                    new SparkBase(OneMachine.BASE.toUri().toString(), WeightFormat.BF16)),
                row -> question(row.getString(0)))
            .collectAsList();
    assertThat(rows).allMatch(row -> row.isNullAt(row.fieldIndex("failure")));
    return rows.stream().mapToLong(row -> row.getList(row.fieldIndex("tokens")).size()).sum();
  }
}
