package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.AnswerInterruptedException;
import io.github.moa4j.core.generation.DeadlineExceededException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.QueueFullException;
import io.github.moa4j.core.generation.StopReason;
import io.github.moa4j.core.lora.AdapterException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AsynchronousAnswersTest {

  @TempDir private Path folder;
  private MixtureOfLoras mixture;

  @BeforeEach
  void open() {
    TestMixture files = TestMixture.in(folder, TestMixture.LONG_CONTEXT);
    mixture =
        MixtureOfLoras.builder(files.directory.directory())
            .adapterMemoryBudget(0)
            .queueLimit(40)
            .open();
  }

  @AfterEach
  void close() {
    mixture.close();
  }

  private static Question question(String domain, int seed) {
    return Question.of(TestMixture.prompt(domain, seed)).with(GenerationOptions.greedy(20));
  }

  @Test
  void manyFuturesGetWhatOneCallerGets() throws Exception {
    List<CompletableFuture<Answer>> futures = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      futures.add(mixture.generateAsync(question(i % 2 == 0 ? "colours" : "numbers", i)));
    }
    for (int i = 0; i < 40; i++) {
      Answer answer = futures.get(i).get();
      Answer alone = mixture.generate(question(i % 2 == 0 ? "colours" : "numbers", i));
      assertThat(answer.generation().tokens()).containsExactly(alone.generation().tokens());
      assertThat(answer.adapters()).isEqualTo(alone.adapters());
      assertThat(answer.generation().timings().routing()).isEqualTo(answer.routing()).isPositive();
    }
    assertThat(mixture.registry().residentBytes()).isZero();
  }

  @Test
  void aFutureTellsWhatGoesWrong() {
    CompletableFuture<Answer> unknown =
        mixture.generateAsync(question("colours", 1).inDomain("nothing"));
    assertThatThrownBy(unknown::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AdapterException.class);
    CompletableFuture<Answer> late =
        mixture.generateAsync(question("colours", 1).within(Duration.ofNanos(1)));
    assertThatThrownBy(late::get).hasCauseInstanceOf(DeadlineExceededException.class);
  }

  @Test
  void cancellingAFutureCancelsItsAnswer() throws Exception {
    CompletableFuture<Answer> endless = mixture.generateAsync(TestMixture.withoutEnd(mixture));
    Thread.sleep(50);
    assertThat(endless.cancel(true)).isTrue();
    awaitNothingHeld();
  }

  private void awaitNothingHeld() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (mixture.registry().residentBytes() > 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertThat(mixture.registry().residentBytes()).isZero();
  }

  private void awaitOneCancelled() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (mixture.status().counts().cancelled() == 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertThat(mixture.status().counts().cancelled()).isEqualTo(1);
  }

  @Test
  void aSubscriberGetsTheTextAsItAsksForIt() throws Exception {
    Answer answer = mixture.generate(question("colours", 3));
    Flow.Publisher<String> publisher = mixture.publish(question("colours", 3));
    for (int round = 0; round < 2; round++) {
      Reader slow = new Reader(1, Integer.MAX_VALUE);
      publisher.subscribe(slow);
      assertThat(slow.end.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(slow.failure).isNull();
      assertThat(String.join("", slow.pieces)).isEqualTo(answer.text());
    }
    assertThat(mixture.registry().residentBytes()).isZero();
  }

  @Test
  void aSubscriberThatCancelsEndsTheAnswer() throws Exception {
    Reader reader = new Reader(1, 3);
    mixture.publish(TestMixture.withoutEnd(mixture)).subscribe(reader);
    assertThat(reader.end.await(30, TimeUnit.SECONDS)).isTrue();
    awaitNothingHeld();
    assertThat(reader.pieces).hasSize(3);
  }

  @Test
  void aSubscriberThatThrowsEndsTheAnswer() throws Exception {
    IllegalStateException thrown = new IllegalStateException("no more paper");
    Reader reader =
        new Reader(1, Integer.MAX_VALUE) {
          @Override
          public void onNext(String piece) {
            throw thrown;
          }
        };
    mixture.publish(TestMixture.withoutEnd(mixture)).subscribe(reader);
    assertThat(reader.end.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.failure).isSameAs(thrown);
    awaitOneCancelled();
  }

  @Test
  void aSubscriberThatRequestsNothingEndsTheAnswer() throws Exception {
    Reader reader = new Reader(0, Integer.MAX_VALUE);
    mixture.publish(TestMixture.withoutEnd(mixture)).subscribe(reader);
    assertThat(reader.end.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.failure).isInstanceOf(IllegalArgumentException.class);
    awaitOneCancelled();
  }

  @Test
  void aSubscriberIsToldWhatGoesWrong() throws Exception {
    Reader reader = new Reader(1, Integer.MAX_VALUE);
    mixture.publish(question("colours", 1).inDomain("nothing")).subscribe(reader);
    assertThat(reader.end.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.failure).isInstanceOf(AdapterException.class);

    Reader closed = new Reader(1, Integer.MAX_VALUE);
    mixture.publish(TestMixture.withoutEnd(mixture)).subscribe(closed);
    mixture.close();
    assertThat(closed.end.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(closed.failure).isInstanceOf(MixtureClosedException.class);
  }

  /** Asks for some pieces at a time, and for no more than so many in all. */
  private static class Reader implements Flow.Subscriber<String> {

    private final int atATime;
    private final int most;
    private final List<String> pieces = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private Throwable failure;
    private Flow.Subscription subscription;

    Reader(int atATime, int most) {
      this.atATime = atATime;
      this.most = most;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      subscription.request(atATime);
    }

    @Override
    public void onNext(String piece) {
      pieces.add(piece);
      if (pieces.size() == most) {
        subscription.cancel();
        end.countDown();
      } else {
        subscription.request(atATime);
      }
    }

    @Override
    public void onError(Throwable reason) {
      failure = reason;
      end.countDown();
    }

    @Override
    public void onComplete() {
      end.countDown();
    }
  }

  @Test
  void aFullQueueRefusesMoreAndAnswersTheRest() {
    List<CompletableFuture<Answer>> accepted = new ArrayList<>();
    MoaException refusal = null;
    for (int i = 0; i < 200 && refusal == null; i++) {
      CompletableFuture<Answer> future = mixture.generateAsync(question("colours", i));
      try {
        if (future.isCompletedExceptionally()) {
          future.join();
        }
        accepted.add(future);
      } catch (java.util.concurrent.CompletionException e) {
        refusal = (MoaException) e.getCause();
      }
    }
    assertThat(refusal).isInstanceOf(QueueFullException.class).hasMessageContaining("40 requests");
    assertThat(accepted).allSatisfy(future -> assertThat(future.join().text()).isNotNull());
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      questions.add(question("numbers", i));
    }
    assertThat(mixture.generate(questions)).allMatch(outcome -> outcome.answer().isPresent());
  }

  @Test
  void aTimeLimitCutsAnAnswerShort() {
    Answer answer = mixture.generate(TestMixture.withoutEnd(mixture).within(Duration.ofSeconds(1)));
    assertThat(answer.generation().stopReason()).isEqualTo(StopReason.DEADLINE);
    assertThat(answer.generation().tokens()).isNotEmpty();
    assertThat(answer.decision().chosen()).isPresent();
  }

  @Test
  void anInterruptedCallerLeavesAtOnce() throws Exception {
    Question endless = TestMixture.withoutEnd(mixture);
    CompletableFuture<Throwable> found = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                mixture.generate(endless);
              } catch (RuntimeException e) {
                found.complete(Thread.currentThread().isInterrupted() ? e : null);
              }
            });
    caller.start();
    Thread.sleep(50);
    caller.interrupt();
    assertThat(found.get()).isInstanceOf(AnswerInterruptedException.class);
    awaitNothingHeld();
  }

  @Test
  void aReplacedAdapterNeverReusesTheOldOnesKeys() {
    TestMixture files = TestMixture.in(folder.resolve("replaced"), 2000);
    Question question =
        Question.of("red green blue ".repeat(60))
            .inDomain("colours")
            .with(GenerationOptions.greedy(16));
    try (MixtureOfLoras reusing = MixtureOfLoras.builder(files.directory.directory()).open();
        MixtureOfLoras plain =
            MixtureOfLoras.builder(files.directory.directory()).prefixMemoryBudget(0).open()) {
      int[] before = reusing.generate(question).generation().tokens();
      Answer again = reusing.generate(question);
      assertThat(again.generation().reusedTokens()).isGreaterThan(64);
      assertThat(again.generation().tokens()).containsExactly(before);

      files.directory.replaceDomain("colours", files.adapter(9));
      reusing.refresh();
      plain.refresh();

      Answer replaced = reusing.generate(question);
      assertThat(replaced.generation().reusedTokens()).isZero();
      assertThat(replaced.generation().tokens())
          .containsExactly(plain.generate(question).generation().tokens())
          .isNotEqualTo(before);
    }
  }
}
