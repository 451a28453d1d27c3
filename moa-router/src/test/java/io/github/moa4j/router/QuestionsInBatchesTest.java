package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.model.ContextLengthException;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionsInBatchesTest {

  @TempDir private Path folder;
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  /** No adapter stays in memory that no request uses, so that open leases show. */
  private MixtureBuilder builder() {
    return MixtureOfLoras.builder(files.directory.directory()).adapterMemoryBudget(0);
  }

  private static Question question(String domain, int seed) {
    return Question.of(TestMixture.prompt(domain, seed)).with(GenerationOptions.greedy(8));
  }

  private static List<Question> mixed() {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      questions.add(question("colours", 100 + i));
      questions.add(question("numbers", 100 + i));
      questions.add(question("numbers", 200 + i).inDomain("colours"));
    }
    return questions;
  }

  private static void assertSame(List<Outcome> together, MixtureOfLoras mixture) {
    for (Outcome outcome : together) {
      Answer alone = mixture.generate(outcome.question());
      assertThat(outcome.orThrow().generation().tokens()).isEqualTo(alone.generation().tokens());
      assertThat(outcome.orThrow().decision().chosen()).isEqualTo(alone.decision().chosen());
      assertThat(outcome.orThrow().adapters()).isEqualTo(alone.adapters());
    }
    assertThat(mixture.registry().residentBytes()).isZero();
  }

  @Test
  void areAnsweredAsOneByOne() {
    try (MixtureOfLoras mixture = builder().open()) {
      List<Outcome> outcomes = mixture.generate(mixed());
      assertThat(outcomes).extracting(Outcome::question).isEqualTo(mixed());
      assertSame(outcomes, mixture);
      assertThat(mixture.generate(List.of())).isEmpty();
    }
  }

  @Test
  void areAnsweredAsOneByOneWhereEveryLayerChooses() {
    try (MixtureOfLoras mixture = builder().routingMode(RoutingMode.PER_LAYER).open()) {
      assertSame(mixture.generate(mixed()), mixture);
    }
  }

  @Test
  void failAlone() {
    files.directory.addDomain("shapes", files.adapter(4));
    new Provenance("other-base", List.of(), Map.of(), 1, Map.of(), Map.of(), Optional.empty())
        .write(files.directory.adapterDirectory("shapes"));
    try (MixtureOfLoras mixture = builder().open()) {
      List<Question> questions = new ArrayList<>(mixed());
      questions.add(0, question("colours", 1).inDomain("shapes"));
      questions.add(3, Question.of("red ".repeat(TestMixture.CONTEXT + 1)));
      questions.add(question("colours", 1).inDomain("colour"));

      List<Outcome> outcomes = mixture.generate(questions);

      assertThat(outcomes).extracting(Outcome::question).isEqualTo(questions);
      assertThat(outcomes.get(0).failure().orElseThrow())
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("'shapes' was trained on the base other-base");
      assertThat(outcomes.get(3).failure().orElseThrow())
          .isInstanceOf(ContextLengthException.class)
          .hasMessageContaining("context of " + TestMixture.CONTEXT);
      Outcome unknown = outcomes.get(outcomes.size() - 1);
      assertThat(unknown.answer()).isEmpty();
      assertThatThrownBy(unknown::orThrow)
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("did you mean 'colours'?");
      assertSame(outcomes.stream().filter(o -> o.answer().isPresent()).toList(), mixture);
      assertThat(outcomes).filteredOn(o -> o.failure().isPresent()).hasSize(3);
    }
  }

  @Test
  void failAloneWhereTheRouterFailsOnThem() {
    AtomicInteger asked = new AtomicInteger();
    Router everyThird =
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
            double probability = asked.incrementAndGet() % 3 == 0 ? Double.NaN : 1;
            return RoutingDecision.of(Map.of("colours", probability), List.of(), 0);
          }
        };
    try (MixtureOfLoras mixture = builder().router(everyThird).open()) {
      List<Outcome> outcomes =
          mixture.generate(
              IntStream.range(0, 6).mapToObj(i -> question("colours", 100 + i)).toList());

      for (int i = 0; i < 6; i++) {
        assertThat(outcomes.get(i).answer().isPresent()).isEqualTo(i % 3 != 2);
      }
      assertThat(outcomes.get(2).failure().orElseThrow())
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("NaN");
    }
  }

  @Test
  void failAllWhereThereIsNoRouterButForThoseThatNameADomain() {
    Path bare = files.withoutRouter(folder.resolve("bare")).directory();
    try (MixtureOfLoras mixture = MixtureOfLoras.builder(bare).base(files.base).open()) {
      List<Outcome> outcomes =
          mixture.generate(
              List.of(question("colours", 1), question("colours", 1).inDomain("colours")));

      assertThat(outcomes.get(0).failure().orElseThrow())
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("has no router yet");
      assertThat(outcomes.get(1).orThrow().adapters()).containsExactly(Map.entry("colours", 1.0));
    }
  }

  @Test
  void comeInAnyNumberAndAreAskedForWhenTheBatchHasRoom() {
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger told = new AtomicInteger();
    AtomicInteger mostAhead = new AtomicInteger();
    Iterable<Question> endless =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return taken.get() < 150;
              }

              @Override
              public Question next() {
                return question("colours", taken.getAndIncrement())
                    .with(GenerationOptions.greedy(1));
              }
            };
    try (MixtureOfLoras mixture = builder().batchTokens(100).open()) {
      mixture.generate(
          endless,
          outcome -> {
            assertThat(outcome.question().conversation())
                .isEqualTo(question("colours", told.getAndIncrement()).conversation());
            mostAhead.accumulateAndGet(taken.get() - told.get(), Math::max);
            outcome.orThrow();
          });
    }
    assertThat(told.get()).isEqualTo(150);
    // Under way are 64 questions or, as here, 100 tokens, of which a question has 9 or more.
    assertThat(mostAhead.get()).isBetween(1, 12);
  }

  @Test
  void endWithWhatTheirListenerThrows() {
    try (MixtureOfLoras mixture = builder().open()) {
      assertThatThrownBy(
              () ->
                  mixture.generate(
                      mixed(),
                      outcome -> {
                        throw new IllegalStateException("enough");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("enough");
      assertThat(mixture.registry().residentBytes()).isZero();
      assertThat(mixture.generate(mixed())).hasSize(9);
    }
  }
}
