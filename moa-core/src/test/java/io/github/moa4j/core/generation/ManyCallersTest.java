package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.model.AdapterChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
final class ManyCallersTest {

  /** Keys and values of two layers, of two heads of width 8, in f32. */
  private static final long BYTES_OF_A_TOKEN = 2L * 2 * 2 * 8 * 4;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Fixture fixture;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
  }

  @AfterAll
  void close() throws InterruptedException {
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    fixture.close();
  }

  private TextGenerator generator(GenerationLimits limits) {
    return new TextGenerator(fixture.model(), fixture.tokenizer(), limits);
  }

  private GenerationLimits limits() {
    return GenerationLimits.of(fixture.model());
  }

  /** Room for the keys and values of one sequence. */
  private TextGenerator oneAtATime() {
    return generator(limits().withCacheBytes(TestModels.CONTEXT * BYTES_OF_A_TOKEN));
  }

  private GenerationRequest any(Random random) {
    AdapterChoice choice =
        switch (random.nextInt(4)) {
          case 0 -> AdapterChoice.base();
          case 1 -> AdapterChoice.of(fixture.first());
          case 2 -> AdapterChoice.from(fixture.second(), random.nextInt(5));
          default ->
              new AdapterChoice(List.of(fixture.first(), fixture.second()), List.of(.25f, .75f), 0);
        };
    return new GenerationRequest(
        Fixture.prompt(1 + random.nextInt(70), random.nextLong()),
        choice,
        GenerationOptions.greedy(1 + random.nextInt(40)));
  }

  @Test
  void eachGetsWhatOneAloneGets() throws Exception {
    Random random = new Random(1);
    List<GenerationRequest> requests = IntStream.range(0, 192).mapToObj(i -> any(random)).toList();
    List<int[]> expected =
        requests.stream()
            .map(request -> fixture.generator().generate(request, text -> {}).tokens())
            .toList();
    List<Future<Integer>> callers = new ArrayList<>();
    for (int caller = 0; caller < 64; caller++) {
      int first = caller;
      callers.add(
          threads.submit(
              () -> {
                for (int i = first; i < requests.size(); i += 64) {
                  assertThat(fixture.generator().generate(requests.get(i), text -> {}).tokens())
                      .containsExactly(expected.get(i));
                }
                return first;
              }));
    }
    for (Future<Integer> caller : callers) {
      assertThat(caller.get()).isNotNegative();
    }
  }

  @Test
  void someComeAndGoWhileOthersStay() throws Exception {
    GenerationRequest staying = Fixture.request(20, GenerationOptions.greedy(70));
    int[] expected = fixture.generator().generate(staying, text -> {}).tokens();
    Random random = new Random(2);
    for (int round = 0; round < 10; round++) {
      try (TextStream stream = fixture.generator().stream(staying)) {
        for (int i = 0; i < 12; i++) {
          TextStream other = fixture.generator().stream(any(random));
          switch (i % 3) {
            case 0 -> other.result();
            case 1 -> other.cancel();
            default -> other.close();
          }
        }
        assertThat(stream.result().tokens()).containsExactly(expected);
      }
    }
  }

  @Test
  void tooManyAreRefusedAndTheRestIsAnswered() {
    try (TextGenerator generator =
        generator(limits().withQueue(2).withCacheBytes(TestModels.CONTEXT * BYTES_OF_A_TOKEN))) {
      List<TextStream> accepted = new ArrayList<>();
      GenerationRequest request = Fixture.request(10, GenerationOptions.greedy(80));
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10; i++) {
                  accepted.add(generator.stream(request));
                }
              })
          .isInstanceOf(QueueFullException.class)
          .hasMessageContaining("2 requests wait");
      assertThat(accepted).hasSizeBetween(2, 4);
      for (TextStream stream : accepted) {
        assertThat(stream.result().tokens()).hasSize(80);
      }
      assertThat(generator.stream(request).result().tokens()).hasSize(80);
    }
  }

  @Test
  void whatNeverFitsTheMemoryIsRefusedAtOnce() {
    try (TextGenerator generator = generator(limits().withCacheBytes(50 * BYTES_OF_A_TOKEN))) {
      assertThatThrownBy(() -> generator.stream(Fixture.request(30, GenerationOptions.greedy(21))))
          .isInstanceOf(CacheBudgetException.class)
          .hasMessageContaining("51 tokens")
          .hasMessageContaining("enough for 50");
      assertThat(
              generator
                  .generate(Fixture.request(30, GenerationOptions.greedy(20)), text -> {})
                  .tokens())
          .hasSize(20);
    }
  }

  @Test
  void fewerAreUnderWayWhereMemoryIsShort() {
    List<GenerationRequest> requests = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      requests.add(any(random));
    }
    List<GenerationResult> expected = fixture.generator().generate(requests);
    for (int tokens : new int[] {96, 200, 1000}) {
      try (TextGenerator generator =
          generator(limits().withCacheBytes(tokens * BYTES_OF_A_TOKEN))) {
        List<GenerationResult> found = generator.generate(requests);
        for (int i = 0; i < requests.size(); i++) {
          assertThat(found.get(i).tokens()).containsExactly(expected.get(i).tokens());
        }
      }
    }
  }

  @Test
  void anAnswerIsCutShortWhenItsTimeIsOverAndOneThatHasNotBegunFails() {
    GenerationOptions options = GenerationOptions.greedy(80);
    try (TextGenerator generator = oneAtATime();
        TextStream first = generator.stream(Fixture.request(10, options))) {
      TextStream late =
          generator.stream(Fixture.request(10, options.withTimeLimit(Duration.ofNanos(1))));
      assertThatThrownBy(late::result)
          .isInstanceOf(DeadlineExceededException.class)
          .hasMessageContaining("within the 0 ms");
      assertThat(first.result().tokens()).hasSize(80);
    }
    GenerationResult cut;
    long limit = 1;
    do { // as long as this machine needs for the first token
      limit *= 2;
      cut = inTime(Fixture.request(10, options.withTimeLimit(Duration.ofMillis(limit))));
    } while (cut == null);
    assertThat(cut.stopReason()).isIn(StopReason.DEADLINE, StopReason.MAX_NEW_TOKENS);
    assertThat(cut.tokens()).isNotEmpty();
    assertThatThrownBy(() -> options.withTimeLimit(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private GenerationResult inTime(GenerationRequest request) {
    try {
      return fixture.generator().generate(request, text -> {});
    } catch (DeadlineExceededException e) {
      return null;
    }
  }

  @Test
  void anInterruptEndsTheWaitAndTheAnswer() throws Exception {
    try (TextGenerator generator = oneAtATime();
        TextStream first = generator.stream(Fixture.request(10, GenerationOptions.greedy(80)))) {
      TextStream second = generator.stream(Fixture.request(10, GenerationOptions.greedy(80)));
      Thread.currentThread().interrupt();
      assertThatThrownBy(second::hasNext).isInstanceOf(AnswerInterruptedException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(second.result().stopReason()).isEqualTo(StopReason.CANCELLED);
      assertThat(first.result().tokens()).hasSize(80);
    }
  }

  @Test
  void aFailureIsThatOfItsOwnRequest() throws Exception {
    GenerationRequest good = Fixture.request(20, GenerationOptions.greedy(60));
    int[] expected = fixture.generator().generate(good, text -> {}).tokens();
    GenerationRequest bad =
        new GenerationRequest(
            new int[] {4, 9999}, AdapterChoice.base(), GenerationOptions.greedy(3));
    CountDownLatch start = new CountDownLatch(1);
    List<Future<int[]>> answers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      GenerationRequest request = i % 3 == 1 ? bad : good;
      answers.add(
          threads.submit(
              () -> {
                start.await();
                return fixture.generator().generate(request, text -> {}).tokens();
              }));
    }
    start.countDown();
    for (int i = 0; i < 12; i++) {
      Future<int[]> answer = answers.get(i);
      if (i % 3 == 1) {
        assertThatThrownBy(answer::get).hasMessageContaining("Token id 9999");
      } else {
        assertThat(answer.get()).containsExactly(expected);
      }
    }
  }

  @Test
  void aSlowReaderHoldsUpNobody() {
    List<TextStream> unread = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      unread.add(fixture.generator().stream(Fixture.request(5 + i, GenerationOptions.greedy(30))));
    }
    GenerationResult last =
        fixture.generator().generate(Fixture.request(9, GenerationOptions.greedy(9)), text -> {});
    assertThat(last.tokens()).hasSize(9);
    for (TextStream stream : unread) {
      StringBuilder text = new StringBuilder();
      stream.forEachRemaining(text::append);
      assertThat(text.toString()).isEqualTo(stream.result().text());
    }
  }

  @Test
  void aKeyOfManyRequestsDoesNotHoldUpAnother() {
    AtomicInteger ended = new AtomicInteger();
    try (TextGenerator generator = oneAtATime()) {
      List<TextStream> many = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        many.add(generator.stream(Fixture.request(10, GenerationOptions.greedy(20))));
      }
      TextStream other =
          generator.stream(
              new GenerationRequest(
                  Fixture.prompt(10, 1),
                  AdapterChoice.of(fixture.first()),
                  GenerationOptions.greedy(20)));
      other
          .ended()
          .thenAccept(result -> many.forEach(stream -> ended.addAndGet(isDone(stream) ? 1 : 0)));
      other.result();
      assertThat(ended.get()).isLessThan(10);
      many.forEach(stream -> assertThat(stream.result().tokens()).hasSize(20));
    }
  }

  private static boolean isDone(TextStream stream) {
    return stream.ended().toCompletableFuture().isDone();
  }

  @Test
  void closingEndsWhatIsUnderWayAndWhatWaits() throws Exception {
    TextGenerator generator = oneAtATime();
    List<TextStream> streams = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      streams.add(generator.stream(Fixture.request(10, GenerationOptions.greedy(80))));
    }
    generator.close();
    generator.close();
    assertThatThrownBy(() -> streams.get(19).result()).isInstanceOf(EngineClosedException.class);
    for (TextStream stream : streams) {
      assertThat(isDone(stream)).isTrue();
    }
    assertThatThrownBy(() -> generator.stream(Fixture.request(10, GenerationOptions.greedy(8))))
        .isInstanceOf(EngineClosedException.class);
    assertThatThrownBy(() -> generator.pass(() -> 1)).isInstanceOf(EngineClosedException.class);
  }

  @Test
  void aPassRunsBetweenTheTokens() {
    try (TextStream stream =
        fixture.generator().stream(Fixture.request(10, GenerationOptions.greedy(60)))) {
      assertThat(fixture.generator().pass(() -> Thread.currentThread().getName()))
          .isEqualTo("moa4j-generation");
      assertThatThrownBy(
              () ->
                  fixture
                      .generator()
                      .pass(
                          () -> {
                            throw new IllegalStateException("no");
                          }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(stream.result().tokens()).hasSize(60);
    }
  }
}
