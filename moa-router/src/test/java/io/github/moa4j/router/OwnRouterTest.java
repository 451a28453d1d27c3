package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.arrow.ArrowRouter;
import io.github.moa4j.router.arrow.ArrowSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture whose router is the application's own. */
class OwnRouterTest {

  /** Reads one state; the application says what it makes of it. */
  private record OwnRouter(
      List<String> domains,
      List<Integer> states,
      Function<PromptStates, Map<String, Double>> probabilities)
      implements Router {

    @Override
    public RoutingDecision route(PromptStates prompt) {
      return RoutingDecision.of(probabilities.apply(prompt), List.of(), 0.5);
    }
  }

  @TempDir private Path folder;
  private TestMixture files;

  @BeforeEach
  void writeMixture() {
    files = TestMixture.in(folder);
  }

  private MixtureOfLoras open(Router router) {
    return MixtureOfLoras.builder(files.directory.directory()).router(router).open();
  }

  private static Router always(Map<String, Double> probabilities) {
    return new OwnRouter(List.copyOf(probabilities.keySet()), List.of(0), s -> probabilities);
  }

  private static Question question(String domain) {
    return Question.of(TestMixture.prompt(domain, 100)).with(GenerationOptions.greedy(4));
  }

  @Test
  void arrowIsMadeOfTheAdaptersAndServed() {
    Map<String, LoraAdapter> adapters = new LinkedHashMap<>();
    for (String domain : files.directory.state().domains().keySet()) {
      adapters.put(domain, PeftFormat.read(files.directory.adapterDirectory(domain)));
    }
    ArrowRouter arrow = ArrowRouter.of(adapters, ArrowSettings.withoutData());
    try (MixtureOfLoras mixture = open(arrow);
        MixtureOfLoras early =
            MixtureOfLoras.builder(files.directory.directory())
                .router(arrow)
                .routingStates(1)
                .open()) {
      Answer answer = mixture.generate(question("colours"));

      String chosen = answer.decision().chosen().orElseThrow();
      assertThat(adapters).containsKey(chosen);
      assertThat(answer.decision().votes()).extracting(StateVote::state).containsExactly(0, 1);
      assertThat(answer.generation().tokens())
          .isEqualTo(mixture.generate(question("colours").inDomain(chosen)).generation().tokens());
      assertThat(early.route(question("colours")).votes())
          .isEqualTo(answer.decision().votes().subList(0, 1));
    }
  }

  @Test
  void staysThroughEveryRefresh() {
    try (MixtureOfLoras mixture = open(always(Map.of("numbers", 1.0)))) {
      files.directory.commit(change -> change.setRouter(files.router("colours")));
      mixture.refresh();

      assertThat(mixture.route(question("colours")).chosen()).contains("numbers");
    }
  }

  @Test
  void mayKnowSomeDomainsOnlyAndSomeThatTheMixtureLacks() {
    try (MixtureOfLoras mixture = open(always(Map.of("numbers", 0.3, "poems", 0.7)))) {
      Answer answer = mixture.generate(question("colours"));

      assertThat(answer.decision().chosen()).isEmpty();
      assertThat(answer.decision().mostProbable()).isEqualTo("poems");
      assertThat(mixture.generate(question("colours").inDomain("colours")).decision().chosen())
          .contains("colours");
    }
  }

  @Test
  void failuresOfItsOwnAreRouterExceptionsThatNameIt() {
    Map<Router, String> failing = new LinkedHashMap<>();
    failing.put(always(Map.of("numbers", Double.NaN)), "NaN");
    failing.put(always(Map.of("numbers", 0.2)), "sum to 0.2");
    failing.put(
        new OwnRouter(
            List.of("numbers"),
            List.of(0),
            s -> {
              throw new ArrayIndexOutOfBoundsException("no row 7");
            }),
        "no row 7");
    failing.forEach(
        (router, reason) -> {
          try (MixtureOfLoras mixture = open(router)) {
            assertThatThrownBy(() -> mixture.generate(question("colours")))
                .isInstanceOf(RouterException.class)
                .hasMessageContaining("OwnRouter")
                .hasMessageContaining(reason);
            assertThat(mixture.generate(question("colours").inDomain("colours")).decision())
                .isEqualTo(RoutingDecision.explicit("colours"));
          }
        });
  }

  @Test
  void thatGivesNoDecisionIsSaidSo() {
    Router silent =
        new Router() {
          @Override
          public List<String> domains() {
            return List.of("numbers");
          }

          @Override
          public List<Integer> states() {
            return List.of(1);
          }

          @Override
          public RoutingDecision route(PromptStates states) {
            return null;
          }
        };
    try (MixtureOfLoras mixture = open(silent)) {
      assertThatThrownBy(() -> mixture.route(question("colours")))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("gave null");
    }
  }

  @Test
  void isRefusedAtOpenWhereItCannotReadThisBase() {
    Map<Router, String> unusable = new LinkedHashMap<>();
    unusable.put(new OwnRouter(List.of(), List.of(0), s -> Map.of()), "at least one domain");
    unusable.put(new OwnRouter(List.of("a", "a"), List.of(0), s -> Map.of()), "different");
    unusable.put(new OwnRouter(List.of("a"), List.of(), s -> Map.of()), "reads no state");
    unusable.put(new OwnRouter(List.of("a"), List.of(-1), s -> Map.of()), "[-1]");
    unusable.put(new OwnRouter(List.of("a"), List.of(1, 0), s -> Map.of()), "[1, 0]");
    unusable.put(new OwnRouter(List.of("a"), List.of(0, 3), s -> Map.of()), "from 0 to 2");
    unusable.forEach(
        (router, reason) ->
            assertThatThrownBy(() -> open(router))
                .isInstanceOf(RouterException.class)
                .hasMessageContaining("OwnRouter")
                .hasMessageContaining(reason));
  }

  @Test
  void needsAllOfItsStatesUnlessItSaysOtherwise() {
    MixtureBuilder builder =
        MixtureOfLoras.builder(files.directory.directory())
            .router(new OwnRouter(List.of("numbers"), List.of(0, 2), s -> Map.of("numbers", 1.0)));
    assertThatThrownBy(() -> builder.routingStates(1).open())
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("needs all of its 2 states");
    builder.routingStates(2).open().close();
  }

  @Test
  void doesNotServeLayerByLayer() {
    MixtureBuilder builder =
        MixtureOfLoras.builder(files.directory.directory())
            .router(always(Map.of("numbers", 1.0)))
            .routingMode(RoutingMode.PER_LAYER);
    assertThatThrownBy(builder::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("that the mixture stores");
  }
}
