package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.generation.ScheduledAnswer.Phase;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.KeyValueCache;
import io.github.moa4j.core.model.internal.PrefixStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one step of the batch does for those that came behind others. */
@Timeout(60)
final class SchedulingStepTest {

  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private Fixture fixture;
  private Slots slots;
  private PrefixStore prefixes;
  private Elsewhere elsewhere;
  private ContinuousBatch batch;

  @BeforeEach
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
    prefixes = new PrefixStore(fixture.model().unwrap(Decoder.class), 0);
    elsewhere = new Elsewhere(inbox::add);
    begin(1L << 30);
  }

  private void begin(long cacheBytes) {
    slots = new Slots(fixture.model(), cacheBytes);
    batch =
        new ContinuousBatch(
            new BatchPass(fixture.model(), slots, prefixes), slots, new AtomicInteger(), elsewhere);
  }

  @AfterEach
  void close() {
    batch.failAll(new IllegalStateException("the test is over"));
    elsewhere.close();
    prefixes.close();
    fixture.close();
  }

  private ScheduledAnswer accepted(GenerationRequest request) {
    AnswerRow row =
        new AnswerRow(
            request.prompt(),
            request.options(),
            fixture.tokenizer(),
            fixture.tokenizer().endTokens(),
            fixture.model().vocabSize(),
            fixture.model().contextLength(),
            Optional.empty());
    ScheduledAnswer answer =
        new ScheduledAnswer(request, row, new TextStream(stream -> {}, text -> {}));
    batch.accept(answer);
    return answer;
  }

  /** Returns whether the next step is to follow without anything new from outside. */
  private boolean step() throws InterruptedException {
    batch.begin();
    while (batch.isAwaiting()) {
      inbox.poll(30, TimeUnit.SECONDS).run();
    }
    return batch.finish();
  }

  private GenerationRequest routed(int promptLength) {
    PromptRouting toTheFirst =
        new PromptRouting() {
          @Override
          public OptionalInt depth() {
            return OptionalInt.of(2);
          }

          @Override
          public Object decide() {
            throw new IllegalStateException("the states are asked for");
          }

          @Override
          public Object decide(PromptStates states) {
            return "first";
          }

          @Override
          public AdapterChoice hold() {
            return AdapterChoice.of(fixture.first());
          }

          @Override
          public void release() {}
        };
    return new GenerationRequest(
        Fixture.prompt(promptLength, 3), toTheFirst, GenerationOptions.greedy(50));
  }

  private int length(ScheduledAnswer answer) {
    return slots.cache().length(answer.slot);
  }

  @Test
  void aShortPromptIsRoutedAndAnsweredInTheStepItComesIn() throws Exception {
    ScheduledAnswer running = accepted(Fixture.request(10, GenerationOptions.greedy(50)));
    step();
    assertThat(length(running)).isEqualTo(11);
    ScheduledAnswer routed = accepted(routed(20));
    step();
    assertThat(length(running)).isEqualTo(12);
    assertThat(length(routed)).isEqualTo(21);
  }

  @Test
  void whatGivesUpItsSlotBehindTheRouterIsNotForgotten() throws Exception {
    begin(TestModels.CONTEXT * KeyValueCache.bytesPerToken(fixture.model().unwrap(Decoder.class)));
    List<ScheduledAnswer> forOneSlot =
        List.of(accepted(routed(20)), accepted(Fixture.request(10, GenerationOptions.greedy(50))));
    assertThat(step()).isTrue();
    while (step()) {
      assertThat(slots.occupied()).isLessThanOrEqualTo(1);
    }
    assertThat(phases(forOneSlot)).containsOnly(Phase.ENDED);
  }

  @Test
  void whoComesWhileARouterIsAskedDoesNotWaitForIt() {
    accepted(routed(20));
    batch.begin();
    assertThat(batch.isAwaiting()).isTrue();
    ScheduledAnswer named = accepted(Fixture.request(10, GenerationOptions.greedy(50)));
    assertThat(batch.finish()).isTrue();
    batch.begin();
    assertThat(phases(List.of(named))).containsExactly(Phase.PREFILL);
  }

  @Test
  void whereManyWaitReadingAndRunningTakeTurns() throws Exception {
    ScheduledAnswer running = accepted(Fixture.request(10, GenerationOptions.greedy(50)));
    step();
    List<ScheduledAnswer> routed =
        List.of(accepted(routed(90)), accepted(routed(90)), accepted(routed(90)));
    step();
    assertThat(phases(routed)).containsExactly(Phase.PREFILL, Phase.PREFILL, Phase.ROUTING);
    step();
    assertThat(phases(routed)).containsExactly(Phase.DECODING, Phase.DECODING, Phase.ROUTING);
    step();
    assertThat(phases(routed)).containsOnly(Phase.DECODING);
    assertThat(length(running)).isEqualTo(14);
  }

  @Test
  void aTimeLimitWithoutEndHidesNoOther() throws Exception {
    ScheduledAnswer patient =
        accepted(Fixture.request(10, within(Duration.ofNanos(Long.MAX_VALUE))));
    ScheduledAnswer forever =
        accepted(Fixture.request(11, within(Duration.ofSeconds(Long.MAX_VALUE))));
    ScheduledAnswer late = accepted(Fixture.request(12, within(Duration.ofNanos(1))));
    step();
    assertThat(phases(List.of(patient, forever, late)))
        .containsExactly(Phase.DECODING, Phase.DECODING, Phase.ENDED);
  }

  private static GenerationOptions within(Duration limit) {
    return GenerationOptions.greedy(50).withTimeLimit(limit);
  }

  private static List<Phase> phases(List<ScheduledAnswer> answers) {
    return answers.stream().map(answer -> answer.phase).toList();
  }
}
