package io.github.moa4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PromptStates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
final class TextGeneratorTest {

  private Fixture fixture;

  @BeforeAll
  void open(@TempDir Path folder) {
    fixture = Fixture.open(folder);
  }

  @AfterAll
  void close() {
    fixture.close();
  }

  private GenerationResult single(GenerationRequest request) {
    return fixture.generator().generate(request, text -> {});
  }

  private static GenerationResult withoutTimes(GenerationResult result) {
    return new GenerationResult(
        result.text(),
        result.tokens(),
        result.logProbabilities(),
        result.stopReason(),
        result.promptTokens(),
        result.reusedTokens(),
        new GenerationResult.Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }

  private static void assertSame(GenerationResult actual, GenerationResult expected) {
    assertThat(withoutTimes(actual)).usingRecursiveComparison().isEqualTo(withoutTimes(expected));
  }

  @Test
  void handsOverTheTextAsItComes() {
    StringBuilder streamed = new StringBuilder();
    GenerationResult result =
        fixture
            .generator()
            .generate(Fixture.request(12, GenerationOptions.greedy(30)), streamed::append);

    assertThat(result.tokens()).hasSize(30);
    assertThat(result.stopReason()).isEqualTo(StopReason.MAX_NEW_TOKENS);
    assertThat(result.promptTokens()).isEqualTo(12);
    assertThat(result.text())
        .isNotEmpty()
        .isEqualTo(streamed.toString())
        .isEqualTo(fixture.tokenizer().decode(result.tokens()));
    assertThat(result.prefill()).isPositive();
    assertThat(result.decode()).isPositive();
  }

  @Test
  void endsAtAStopTokenThatIsNotPartOfTheText() {
    int[] whole = single(Fixture.request(12, GenerationOptions.greedy(30))).tokens();
    int stop = whole[7];
    int at = IntStream.range(0, 30).filter(i -> whole[i] == stop).findFirst().orElseThrow();
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(30).stopTokens(Set.of(stop)).build();

    GenerationResult result = single(Fixture.request(12, options));
    assertThat(result.stopReason()).isEqualTo(StopReason.END_TOKEN);
    assertThat(result.tokens()).containsExactly(Arrays.copyOf(whole, at + 1));
    assertThat(result.text()).isEqualTo(fixture.tokenizer().decode(Arrays.copyOf(whole, at)));
  }

  @Test
  void endsBeforeAStopString() {
    String whole = single(Fixture.request(12, GenerationOptions.greedy(30))).text();
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 4);
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(30).stopString(stop).build();

    GenerationResult result = single(Fixture.request(12, options));
    assertThat(result.stopReason()).isEqualTo(StopReason.STOP_STRING);
    assertThat(result.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
  }

  @Test
  void batchGivesWhatSingleRequestsGive() {
    int stop = single(Fixture.request(40, GenerationOptions.greedy(9))).tokens()[8];
    AdapterChoice mixed =
        new AdapterChoice(List.of(fixture.first(), fixture.second()), List.of(.5f, .5f), 0);
    List<GenerationRequest> requests =
        List.of(
            Fixture.request(3, GenerationOptions.greedy(4)),
            Fixture.request(40, GenerationOptions.builder().stopTokens(Set.of(stop)).build()),
            request(17, AdapterChoice.of(fixture.first()), 25),
            request(17, AdapterChoice.of(fixture.second()), 70),
            request(9, AdapterChoice.from(fixture.first(), 9), 31),
            request(1, mixed, 12),
            Fixture.request(95, GenerationOptions.greedy(50)),
            Fixture.request(6, GenerationOptions.greedy(1)));

    List<GenerationResult> batch = fixture.generator().generate(requests);
    for (int row = 0; row < requests.size(); row++) {
      assertSame(batch.get(row), single(requests.get(row)));
    }
    assertThat(batch.get(1).stopReason()).isEqualTo(StopReason.END_TOKEN);
    assertThat(batch.get(6).stopReason()).isEqualTo(StopReason.CONTEXT_FULL);
  }

  private static GenerationRequest request(int promptLength, AdapterChoice choice, int tokens) {
    return new GenerationRequest(
        Fixture.prompt(promptLength, promptLength), choice, GenerationOptions.greedy(tokens));
  }

  @Test
  void adaptersChangeTheAnswer() {
    GenerationResult base = single(request(17, AdapterChoice.base(), 20));
    GenerationResult first = single(request(17, AdapterChoice.of(fixture.first()), 20));
    GenerationResult second = single(request(17, AdapterChoice.of(fixture.second()), 20));
    assertThat(first.tokens()).isNotEqualTo(base.tokens()).isNotEqualTo(second.tokens());
  }

  @Test
  void emptyBatchHasNoResults() {
    assertThat(fixture.generator().generate(List.of())).isEmpty();
  }

  @Test
  void sameSeedSamplesTheSameAnswerAloneAndInABatch() {
    GenerationOptions.Builder options =
        GenerationOptions.builder().maxNewTokens(20).temperature(1).topP(0.95).seed(5);
    GenerationRequest request = Fixture.request(10, options.build());
    GenerationRequest other = Fixture.request(10, options.seed(6).build());

    GenerationResult result = single(request);
    List<GenerationResult> batch = fixture.generator().generate(List.of(other, request));
    assertSame(single(request), result);
    assertSame(batch.get(1), result);
    assertThat(batch.get(0).tokens()).isNotEqualTo(result.tokens());
  }

  @Test
  void repetitionPenaltyAvoidsWhatOccurred() {
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(40).repetitionPenalty(1e5).build();
    int[] tokens = single(Fixture.request(10, options)).tokens();
    assertThat(Arrays.stream(tokens).distinct().count()).isEqualTo(tokens.length);
    assertThat(tokens).doesNotContain(Fixture.prompt(10, 10));
  }

  @Test
  void promptThatLeavesNoRoomIsRefused() {
    GenerationRequest full = Fixture.request(TestModels.CONTEXT, GenerationOptions.greedy(1));
    assertThatThrownBy(() -> single(full))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("97 tokens do not fit the model's context of 96");
    GenerationRequest fits = Fixture.request(5, GenerationOptions.greedy(1));
    assertThatThrownBy(() -> fixture.generator().generate(List.of(fits, full)))
        .isInstanceOf(ContextLengthException.class);
  }

  @Test
  void answerEndsWhereTheContextIsFull() {
    GenerationResult result =
        single(Fixture.request(TestModels.CONTEXT - 5, GenerationOptions.greedy(100)));
    assertThat(result.stopReason()).isEqualTo(StopReason.CONTEXT_FULL);
    assertThat(result.tokens()).hasSize(5);
  }

  @Test
  void tokenBeyondTheVocabularyIsNamed() {
    GenerationOptions options = GenerationOptions.builder().repetitionPenalty(1.1).build();
    GenerationRequest request =
        new GenerationRequest(new int[] {12, 4096}, AdapterChoice.base(), options);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> single(request))
        .withMessageContaining("Token id 4096");
  }

  @Test
  void threadsAtOnceGiveWhatOneGives() throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      AdapterChoice choice =
          switch (i % 3) {
            case 0 -> AdapterChoice.base();
            case 1 -> AdapterChoice.of(fixture.first());
            default -> AdapterChoice.of(fixture.second());
          };
      requests.add(request(3 + 2 * i, choice, 25));
    }
    List<GenerationResult> expected = requests.stream().map(this::single).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<GenerationResult>> found =
          requests.stream().map(request -> threads.submit(() -> single(request))).toList();
      for (int i = 0; i < requests.size(); i++) {
        assertSame(found.get(i).get(), expected.get(i));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aRoutedRequestAnswersAsOneWithItsAdaptersDoes() {
    int[] prompt = Fixture.prompt(20, 3);
    for (AdapterChoice choice :
        List.of(
            AdapterChoice.base(),
            AdapterChoice.from(fixture.first(), prompt.length - 1),
            AdapterChoice.from(fixture.first(), 2),
            AdapterChoice.of(fixture.first()))) {
      GenerationOptions options = GenerationOptions.greedy(8);
      GenerationResult plain = single(new GenerationRequest(prompt, choice, options));
      for (int depth = 0; depth <= fixture.model().config().numHiddenLayers(); depth++) {
        Routing routing = new Routing(depth, choice);
        try (TextStream stream =
            fixture.generator().stream(new GenerationRequest(prompt, routing, options))) {
          assertThat(stream.result().tokens()).isEqualTo(plain.tokens());
          assertThat(routing.seen).isEqualTo(depth + 1);
          assertThat(routing.released).isOne();
        }
      }
    }
  }

  @Test
  void aPromptIsReadOnWhereFewLayersDoNotSuffice() {
    int[] prompt = Fixture.prompt(20, 3);
    int layers = fixture.model().config().numHiddenLayers();
    for (AdapterChoice choice : List.of(AdapterChoice.base(), AdapterChoice.of(fixture.first()))) {
      GenerationOptions options = GenerationOptions.greedy(8);
      GenerationResult plain = single(new GenerationRequest(prompt, choice, options));
      Routing routing = new Routing(0, choice).readingOnTo(layers);
      try (TextStream stream =
          fixture.generator().stream(new GenerationRequest(prompt, routing, options))) {
        assertThat(stream.result().tokens()).isEqualTo(plain.tokens());
        assertThat(routing.seen).isEqualTo(layers + 1);
        assertThat(routing.released).isOne();
      }
    }
  }

  /** Chooses what it is told to. */
  private static final class Routing implements PromptRouting {

    private int depth;
    private final AdapterChoice choice;
    private OptionalInt next = OptionalInt.empty();
    private int seen;
    private int released;

    Routing(int depth, AdapterChoice choice) {
      this.depth = depth;
      this.choice = choice;
    }

    Routing readingOnTo(int layers) {
      next = OptionalInt.of(layers);
      return this;
    }

    @Override
    public OptionalInt depth() {
      return OptionalInt.of(depth);
    }

    @Override
    public Object decide() {
      throw new IllegalStateException("States were asked for");
    }

    @Override
    public Object decide(PromptStates states) {
      seen = states.numStates();
      if (next.isPresent()) {
        depth = next.getAsInt();
        next = OptionalInt.empty();
        return PromptRouting.READ_ON;
      }
      return "";
    }

    @Override
    public AdapterChoice hold() {
      return choice;
    }

    @Override
    public void release() {
      released++;
    }
  }
}
