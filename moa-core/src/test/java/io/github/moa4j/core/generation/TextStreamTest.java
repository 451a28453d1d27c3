package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
final class TextStreamTest {

  /** Keys and values of two layers, of two heads of width 8, in f32. */
  private static final long BYTES_OF_ONE = TestModels.CONTEXT * 2L * 2 * 2 * 8 * 4;

  private Fixture fixture;
  private GenerationResult whole;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
    whole = fixture.generator().generate(request(), text -> {});
  }

  @AfterAll
  void close() {
    fixture.close();
  }

  private static GenerationRequest request() {
    return Fixture.request(12, GenerationOptions.greedy(80));
  }

  private TextStream stream() {
    return fixture.generator().stream(request());
  }

  @Test
  void piecesAreNeverEmptyAndMakeUpTheText() {
    List<String> pieces = new ArrayList<>();
    try (TextStream stream = stream()) {
      stream.forEachRemaining(pieces::add);
      assertThat(stream.result().tokens()).containsExactly(whole.tokens());
      assertThat(stream.hasNext()).isFalse();
      assertThatThrownBy(stream::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(pieces).hasSizeGreaterThan(10).doesNotContain("");
    assertThat(String.join("", pieces)).isEqualTo(whole.text());
  }

  @Test
  void askingTwiceForMoreLosesNothing() {
    StringBuilder text = new StringBuilder();
    try (TextStream stream = stream()) {
      while (stream.hasNext()) {
        assertThat(stream.hasNext()).isTrue();
        text.append(stream.next());
      }
    }
    assertThat(text.toString()).isEqualTo(whole.text());
  }

  @Test
  void resultReadsToTheEnd() {
    try (TextStream stream = stream()) {
      stream.next();
      GenerationResult result = stream.result();
      assertThat(result.text()).isEqualTo(whole.text());
      assertThat(result.stopReason()).isEqualTo(StopReason.MAX_NEW_TOKENS);
    }
  }

  @Test
  void anotherThreadCanCancel() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    StringBuilder text = new StringBuilder();
    try (TextStream stream = stream()) {
      Thread canceller =
          new Thread(
              () -> {
                try {
                  started.await();
                  stream.cancel();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } finally {
                  cancelled.countDown();
                }
              });
      canceller.start();
      text.append(stream.next());
      started.countDown();
      cancelled.await();
      stream.forEachRemaining(text::append);
      canceller.join();

      GenerationResult result = stream.result();
      assertThat(result.stopReason()).isEqualTo(StopReason.CANCELLED);
      assertThat(result.text()).isEqualTo(text.toString());
      assertThat(result.tokens().length).isLessThan(whole.tokens().length);
    }
    assertThat(whole.text()).startsWith(text.toString().replaceAll("\uFFFD+$", ""));
  }

  @Test
  void cancelBeforeItsTurnGivesAnEmptyAnswer() {
    GenerationLimits oneAtATime = GenerationLimits.of(fixture.model()).withCacheBytes(BYTES_OF_ONE);
    try (TextGenerator generator =
            new TextGenerator(fixture.model(), fixture.tokenizer(), oneAtATime);
        TextStream first = generator.stream(request());
        TextStream stream = generator.stream(request())) {
      stream.cancel();
      assertThat(stream.hasNext()).isFalse();
      GenerationResult result = stream.result();
      assertThat(result.text()).isEmpty();
      assertThat(result.tokens()).isEmpty();
      assertThat(result.stopReason()).isEqualTo(StopReason.CANCELLED);
      assertThat(result.promptTokens()).isEqualTo(12);
      assertThat(result.timings().queue()).isPositive();
      assertThat(first.result().text()).isEqualTo(whole.text());
    }
  }

  @Test
  void whatTheTakerOfTheLastTextThrowsEndsTheAnswer() {
    IllegalStateException thrown = new IllegalStateException("no more paper");
    GenerationRequest ofOneToken = Fixture.request(12, GenerationOptions.greedy(1));
    TextStream pushed =
        fixture.generator().stream(
            ofOneToken,
            text -> {
              throw thrown;
            });
    assertThatThrownBy(pushed::result).isSameAs(thrown);
    assertThatThrownBy(() -> pushed.ended().toCompletableFuture().join()).hasCause(thrown);
  }

  @Test
  void anErrorOfOneTakerOfTextIsNotThatOfOtherAnswers() {
    TextStream other = stream();
    TextStream pushed =
        fixture.generator().stream(
            request(),
            text -> {
              throw new AssertionError("no more paper");
            });
    assertThatThrownBy(pushed::result)
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("no more paper");
    assertThat(other.result().tokens()).containsExactly(whole.tokens());
  }

  @Test
  void closingEarlyEndsTheAnswerWhereItIs() {
    TextStream stream = stream();
    String text = stream.next();
    stream.close();
    stream.close();
    assertThat(stream.hasNext()).isFalse();
    assertThat(stream.result().stopReason()).isEqualTo(StopReason.CANCELLED);
    assertThat(stream.result().text()).startsWith(text);
    assertThat(stream.result().tokens().length).isLessThan(whole.tokens().length);
  }
}
