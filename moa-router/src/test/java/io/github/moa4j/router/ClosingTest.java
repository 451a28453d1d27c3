package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.model.PromptStates;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClosingTest {

  private static final int TOKENS = 60;

  @TempDir private Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  @AfterEach
  void endThreads() throws InterruptedException {
    threads.shutdown();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  /** No adapter stays in memory that no request uses, so that open leases show. */
  private MixtureOfLoras open() {
    return MixtureOfLoras.builder(files.directory.directory()).adapterMemoryBudget(0).open();
  }

  private static Question question(int seed) {
    return Question.of(TestMixture.prompt(seed % 2 == 0 ? "colours" : "numbers", seed))
        .with(GenerationOptions.greedy(TOKENS));
  }

  @Test
  void patienceMayBeWithoutEnd() throws Exception {
    MixtureOfLoras mixture = open();
    Future<Answer> running;
    try (AnswerStream stream = mixture.stream(question(1))) {
      running = threads.submit(() -> stream.result());
      mixture.close(ChronoUnit.FOREVER.getDuration());
    }
    assertThat(running.get().generation().tokens()).hasSize(TOKENS);
  }

  @Test
  void whatIsRunningEndsWithTheMixturesEndAndWithNothingElse() throws Exception {
    for (int round = 0; round < 4; round++) {
      MixtureOfLoras mixture = open();
      CountDownLatch running = new CountDownLatch(4);
      List<Future<Integer>> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int caller = i;
        callers.add(threads.submit(() -> askUntilClosed(mixture, caller, running)));
      }
      running.await();
      Thread.sleep(20L * round);

      mixture.close();

      for (Future<Integer> caller : callers) {
        assertThat(caller.get()).isNotNegative(); // no exception but the mixture's end
      }
    }
  }

  /** Asks in every way there is, until the mixture says that it is closed. */
  private static int askUntilClosed(MixtureOfLoras mixture, int caller, CountDownLatch running) {
    for (int asked = 0; ; asked++) {
      try {
        switch ((caller + asked) % 4) {
          case 0 -> mixture.generate(question(asked));
          case 1 -> mixture.generate(List.of(question(asked), question(asked + 1)));
          case 2 -> mixture.refresh();
          default -> {
            AnswerStream stream = mixture.stream(question(asked));
            stream.next();
            stream.close();
          }
        }
      } catch (MixtureClosedException e) {
        assertThat(e).hasMessageContaining("is closed");
        return asked;
      } finally {
        running.countDown();
      }
    }
  }

  @Test
  void longAnswersAreCutShort(@TempDir Path other) throws Exception {
    openLong(other).close();
    for (int way = 0; way < 4; way++) {
      int asked = way;
      MixtureOfLoras mixture = MixtureOfLoras.builder(other.resolve("mixture")).open();
      Question question = TestMixture.withoutEnd(mixture);
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> caller =
          threads.submit(
              () -> {
                begun.countDown();
                return switch (asked) {
                  case 0 -> mixture.generate(question);
                  case 1 -> mixture.generate(List.of(question, question));
                  case 2 -> mixture.stream(question).result();
                  default -> mixture.generateAsync(question).join();
                };
              });
      begun.await();
      Thread.sleep(200);

      long start = System.nanoTime();
      mixture.close();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      assertThatThrownBy(caller::get).hasRootCauseInstanceOf(MixtureClosedException.class);
    }
  }

  /** Opens a mixture whose answers may take seconds. */
  private static MixtureOfLoras openLong(Path folder) {
    return MixtureOfLoras.builder(
            TestMixture.in(folder, TestMixture.LONG_CONTEXT).directory.directory())
        .adapterMemoryBudget(0)
        .open();
  }

  @Test
  void whateverFailsWhileTheMixtureClosesIsToldAsItsEnd() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    Router slow =
        new Router() {
          @Override
          public List<String> domains() {
            return List.of("colours");
          }

          @Override
          public List<Integer> states() {
            return List.of(0);
          }

          @Override
          public RoutingDecision route(PromptStates states) {
            asked.countDown();
            try {
              closing.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("something of mine has gone");
          }
        };
    MixtureOfLoras mixture =
        MixtureOfLoras.builder(files.directory.directory()).router(slow).open();
    Future<Answer> caller = threads.submit(() -> mixture.generate(question(0)));
    asked.await();
    Future<?> closer = threads.submit(() -> mixture.close());
    while (true) {
      try {
        mixture.refresh();
      } catch (MixtureClosedException e) {
        break;
      }
    }
    assertThat(closer.isDone()).isFalse(); // it waits for the caller
    closing.countDown();

    assertThatThrownBy(caller::get).hasCauseInstanceOf(MixtureClosedException.class);
    closer.get();
  }

  @Test
  void everythingIsRefusedAfterwards(@TempDir Path other) {
    MixtureOfLoras mixture = openLong(other);
    Question longOne = TestMixture.withoutEnd(mixture);
    AnswerStream ended = mixture.stream(question(0));
    Answer answer = ended.result();
    AnswerStream begun = mixture.stream(longOne);
    begun.next();
    AnswerStream closed = mixture.stream(longOne);
    closed.next();
    closed.close();

    mixture.close();
    mixture.close();

    List<Runnable> requests =
        List.of(
            () -> mixture.generate(question(0)),
            () -> mixture.generate(List.of(question(0))),
            () -> mixture.stream(question(0)),
            () -> mixture.route(question(0)),
            mixture::refresh,
            begun::next,
            begun::result);
    for (Runnable request : requests) {
      assertThatThrownBy(request::run)
          .isInstanceOf(MixtureClosedException.class)
          .hasMessageContaining(other.toString());
    }
    begun.close();
    assertThat(ended.result().text()).isEqualTo(answer.text());
    assertThat(ended.hasNext()).isFalse();
    assertThat(closed.result().generation().stopReason()).isEqualTo(StopReason.CANCELLED);
  }

  @Test
  void runningRequestsMayEndWhileThePatienceLasts(@TempDir Path other) throws Exception {
    MixtureOfLoras mixture = openLong(other);
    Question longOne = TestMixture.withoutEnd(mixture);
    AnswerStream stream = mixture.stream(longOne.with(GenerationOptions.greedy(3000)));
    stream.next();
    Future<?> closing = threads.submit(() -> mixture.close(Duration.ofSeconds(60)));
    while (true) {
      try {
        mixture.route(question(0));
      } catch (MixtureClosedException e) {
        break; // new requests are refused from now on
      }
    }

    assertThat(closing.isDone()).isFalse();
    assertThat(stream.result().generation().stopReason()).isNotEqualTo(StopReason.CANCELLED);
    closing.get(30, TimeUnit.SECONDS);
  }

  @Test
  void thePatienceEnds(@TempDir Path other) {
    MixtureOfLoras mixture = openLong(other);
    AnswerStream stream = mixture.stream(TestMixture.withoutEnd(mixture));
    stream.next();

    mixture.close(Duration.ofMillis(50));

    assertThatThrownBy(stream::result).isInstanceOf(MixtureClosedException.class);
    assertThatThrownBy(() -> mixture.close(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mayComeFromWhoeverIsToldOfAnAnswer() {
    MixtureOfLoras mixture = open();
    List<Outcome> told = new ArrayList<>();
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      questions.add(question(i).with(GenerationOptions.greedy(1)));
    }
    assertThatThrownBy(
            () ->
                mixture.generate(
                    questions,
                    outcome -> {
                      told.add(outcome);
                      mixture.close();
                    }))
        .isInstanceOf(MixtureClosedException.class);
    assertThat(told).isNotEmpty().allMatch(outcome -> outcome.answer().isPresent());
  }

  @Test
  void aStreamMayBeClosedByAnotherThreadWhileOneReads() throws Exception {
    try (MixtureOfLoras mixture = open()) {
      for (int round = 0; round < 20; round++) {
        AnswerStream stream = mixture.stream(question(round));
        CountDownLatch begun = new CountDownLatch(1);
        Future<Answer> reader =
            threads.submit(
                () -> {
                  while (stream.hasNext()) {
                    stream.next();
                    begun.countDown();
                  }
                  begun.countDown();
                  return stream.result();
                });
        begun.await();
        if (round % 2 == 0) {
          stream.close();
        } else {
          stream.cancel();
        }
        assertThat(reader.get().generation().stopReason())
            .isIn(StopReason.CANCELLED, StopReason.MAX_NEW_TOKENS, StopReason.END_TOKEN);
        assertThat(mixture.registry().residentBytes()).isZero();
      }
    }
  }

  @Test
  void aLostStreamEndsAndGivesItsAdapterBack(@TempDir Path other) throws Exception {
    try (MixtureOfLoras mixture = openLong(other)) {
      mixture.stream(TestMixture.withoutEnd(mixture)).next();
      assertThat(mixture.registry().residentBytes()).isPositive();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (mixture.registry().residentBytes() > 0 && System.nanoTime() < end) {
        System.gc();
        Thread.sleep(20);
      }
      assertThat(mixture.registry().residentBytes()).isZero();
      assertThat(mixture.generate(question(0)).generation().tokens()).isNotEmpty();
    }
  }
}
