package io.github.moa4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.robustness.DisturbedPrompts;
import io.github.moa4j.training.robustness.PromptForm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Three made-up domains on the small base. */
@TestInstance(Lifecycle.PER_CLASS)
final class RoutingRobustnessTest {

  private static final Path BASE =
      Path.of("../moa-examples/src/main/resources/io/github/moa4j/examples/base");
  private static final List<String> PLACES =
      List.of("Rome", "a small town", "the north", "Lima", "our street", "Oslo", "Kenya", "Bonn");

  private final List<Domain> domains =
      List.of(
          domain("weather", "Will it rain in %s on day %d of this month, or be sunny and warm?"),
          domain("recipe", "Cook a soup as they like it in %s for %d hungry guests and a child."),
          domain("sum", "A farmer of %s sells %d apples and keeps 7. How many are there in all?"));
  private BaseModel model;
  private TextTokenizer tokenizer;
  private Evaluator evaluator;
  private RoutingRobustness robustness;

  private static Domain domain(String name, String template) {
    List<Example> examples =
        IntStream.range(0, 56)
            .mapToObj(i -> Example.of(template.formatted(PLACES.get(i % 8), i + 2), "yes"))
            .toList();
    return new Domain(name, examples.subList(0, 40), examples.subList(40, 56), List.of());
  }

  @BeforeAll
  void load() {
    model = BaseModel.load(BASE, WeightFormat.F32);
    tokenizer = TextTokenizer.open(BASE);
    evaluator =
        new Evaluator(
            model,
            new ExampleEncoder(
                new PromptEncoder(tokenizer, ChatTemplate.read(BASE), Map.of()), 64, 64));
    robustness = new RoutingRobustness(evaluator, domains, 5);
  }

  @AfterAll
  void close() {
    tokenizer.close();
    model.close();
  }

  private Router router(List<String> names) {
    List<DomainStatistics> statistics =
        domains.stream()
            .filter(domain -> names.contains(domain.name()))
            .map(this::moments)
            .toList();
    return RidgeRouter.fit(statistics, RidgeSettings.defaults()).withAbstentionThreshold(0.5);
  }

  private DomainStatistics moments(Domain domain) {
    DomainStatistics moments =
        DomainStatistics.empty(domain.name(), Pooling.MEAN_AND_LAST, List.of(2, 5, 8), 256);
    moments.add(
        evaluator.states(
            DisturbedPrompts.of(domain.train(), 0).stream().flatMap(List::stream).toList()));
    return moments;
  }

  @Test
  void tellsTheAccuracyOfEveryForm() {
    Map<PromptForm, Double> accuracy =
        robustness.accuracy(router(List.of("weather", "recipe", "sum")));
    assertThat(accuracy).containsOnlyKeys(PromptForm.values());
    assertThat(accuracy.values()).allMatch(share -> share > 0.9);
  }

  @Test
  void measuresClassifiersThatReadTheTextOnTheSameForms() {
    assertThat(robustness.accuracy(example -> "sum").values())
        .allSatisfy(share -> assertThat(share).isEqualTo(1.0 / 3));
    Map<PromptForm, Double> byCase =
        robustness.accuracy(
            example -> example.question().startsWith("Will") ? "weather" : "nothing");
    assertThat(byCase.get(PromptForm.CLEAN)).isEqualTo(1.0 / 3);
    assertThat(byCase.get(PromptForm.LOWER_CASED)).isZero();
  }

  @Test
  void leavesEachDomainOutOnce() {
    Map<String, UnknownDetection> left = robustness.leavingOut(this::router);
    assertThat(left).containsOnlyKeys("weather", "recipe", "sum");
    assertThat(left.values())
        .allSatisfy(
            detection -> {
              assertThat(detection.auroc()).isBetween(0.5, 1.0);
              assertThat(detection.falseAccept()).isBetween(0.0, 1.0);
              assertThat(detection.threshold()).isBetween(0.4, 1.0);
              assertThat(detection.accepted()).isBetween(0.0, 1.0);
            });
  }

  @Test
  void anUnsureRouterAcceptsNoTexts() {
    List<PromptStates> texts = robustness.states(List.of("It was the best of times", "A lobster"));
    RidgeRouter router = (RidgeRouter) router(List.of("weather", "sum"));
    assertThat(robustness.onTexts(router.withAbstentionThreshold(1), texts).accepted()).isZero();
    assertThat(robustness.onTexts(router.withAbstentionThreshold(0), texts).accepted())
        .isEqualTo(1);
  }

  @Test
  void refusesADomainWithNothingToMeasureOn() {
    Domain empty = new Domain("empty", domains.get(0).train(), List.of(), List.of());
    assertThatThrownBy(() -> new RoutingRobustness(evaluator, List.of(empty), 0))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("'empty'");
  }
}
