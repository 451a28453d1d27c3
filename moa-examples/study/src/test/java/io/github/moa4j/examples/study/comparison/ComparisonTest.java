package io.github.moa4j.examples.study.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.examples.domains.GeneratedDomain;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.examples.domains.GeneratedExamples;
import io.github.moa4j.examples.study.methods.Scoring;
import io.github.moa4j.examples.study.report.ReportWriter;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.workbench.ComparisonSettings;
import io.github.moa4j.training.data.Domain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Every method from training to report, on three small generated domains. */
@TestInstance(Lifecycle.PER_CLASS)
class ComparisonTest {

  private static final ComparisonSettings SMALL =
      new ComparisonSettings(32, 8, 2, 4, List.of(4), List.of(4e-3), 1, 8, 2, 8, 64);

  private Path base;
  private Path output;
  private ComparisonResults results;
  private ComparisonResults again;
  private Map<String, MethodRun> runs;

  @BeforeAll
  void compare(@TempDir Path folder) {
    base = ShallowBase.in(folder.resolve("base"), 2);
    output = folder.resolve("output");
    results = run();
    again = run();
    ReportWriter.write(results, output);
    runs =
        results.runs().stream().collect(Collectors.toMap(MethodRun::method, Function.identity()));
  }

  private ComparisonResults run() {
    return run(SMALL);
  }

  private ComparisonResults run(ComparisonSettings settings) {
    try (BaseModel model = BaseModel.load(base, WeightFormat.F32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      return new Comparison(
              model,
              new PromptEncoder(tokenizer, ChatTemplate.read(base), Map.of()),
              domains(),
              settings,
              output)
          .run("a test", "none", List.of());
    }
  }

  @Test
  void doesNotMixInTheResultsOfAnotherComparison() {
    ComparisonSettings other =
        new ComparisonSettings(32, 8, 2, 16, List.of(4), List.of(4e-3), 1, 8, 2, 8, 32);
    assertThatThrownBy(() -> run(other))
        .isInstanceOf(MoaException.class)
        .hasMessageContaining("rank: 4, alpha 8, all seven linears there, 16");
    assertThat(Comparison.precision(output)).contains(WeightFormat.F32);
  }

  private static List<Domain> domains() {
    List<Domain> domains = new ArrayList<>();
    for (GeneratedDomain generated : GeneratedDomains.all().subList(0, 3)) {
      GeneratedExamples examples = generated.generate(80, 8, 1);
      domains.add(new Domain(generated.name(), examples.train(), examples.heldOut(), List.of()));
    }
    return domains;
  }

  private double perplexity(String method) {
    return Scoring.geometricMean(
        runs.get(method).domains().values().stream().map(score -> score.perplexity()).toList());
  }

  @Test
  void everyMethodIsMeasuredOnEveryDomain() {
    assertThat(runs.keySet())
        .contains(
            "base",
            "single-lora",
            "single-lora-mixed",
            "single-lora-mixed-large",
            "moe-lora-top1",
            "moe-lora-top2",
            "moa",
            "moa-ridge",
            "moa-per-layer",
            "moa-top2",
            "moa-joint",
            "activated",
            "activated-routed",
            "merged-linear",
            "merged-ties",
            "merged-dare",
            "merged-svd");
    for (MethodRun run : results.runs()) {
      assertThat(run.domains()).hasSize(3);
      if (run.trainingCurve().size() >= 20) {
        assertThat(run.stability().diverged()).as(run.method()).isFalse();
      }
      assertThat(run.domains().values())
          .allSatisfy(score -> assertThat(score.perplexity()).isFinite());
    }
  }

  @Test
  void everyTrainedMethodIsBetterThanTheBase() {
    for (String method :
        List.of("single-lora", "single-lora-mixed", "moe-lora-top1", "moa", "moa-joint")) {
      assertThat(perplexity(method)).as(method).isLessThan(perplexity("base") / 2);
    }
  }

  @Test
  void everyTrainedMethodSawTheSameAnswerTokens() {
    long expected = runs.get("single-lora").answerTokens();
    for (MethodRun run : results.runs()) {
      if (!run.method().equals("base")) {
        assertThat(run.answerTokens()).as(run.method()).isEqualTo(expected);
      }
    }
  }

  @Test
  void theMixtureIsNearlyAsGoodAsTheOracle() {
    assertThat(results.routing())
        .filteredOn(score -> score.router().equals("layer-wise"))
        .allSatisfy(score -> assertThat(score.accuracy()).isGreaterThan(0.95));
    // One of the 24 prompts may be routed wrongly; all other answers are the oracle's.
    Map<String, DomainScore> oracle = runs.get("single-lora").domains();
    assertThat(runs.get("moa").domains().entrySet())
        .filteredOn(
            score -> score.getValue().perplexity() != oracle.get(score.getKey()).perplexity())
        .hasSizeLessThanOrEqualTo(1);
    assertThat(perplexity("moa")).isLessThan(1.5 * perplexity("single-lora"));
  }

  @Test
  void noStepOfTheIterationTouchesTheOtherDomains() {
    assertThat(results.iteration())
        .extracting(IterationStep::action)
        .containsExactly("start", "add", "retrain", "remove");
    assertThat(results.iteration())
        .allSatisfy(
            step -> {
              assertThat(step.otherFilesUnchanged()).isTrue();
              assertThat(step.otherPerplexitiesUnchanged()).isTrue();
            });
  }

  @Test
  void ablationsCoverEveryPartOfTheMethod() {
    assertThat(results.ablations())
        .extracting(AblationRow::ablation)
        .contains(
            "labels and initialisation",
            "weight of the label loss",
            "pooling",
            "states that the router reads",
            "votes of the layers",
            "rank");
  }

  @Test
  void aSecondRunTakesEverythingFromTheStore() {
    assertThat(again.runs()).isEqualTo(results.runs());
    assertThat(again.iteration()).isEqualTo(results.iteration());
    assertThat(again.ablations()).isEqualTo(results.ablations());
  }

  @Test
  void writesOnePageThatNeedsNothingElse() {
    assertThat(output.resolve("report.html"))
        .content()
        .contains("moa-joint")
        .doesNotContain("<script src=");
    assertThat(output.resolve("methods.csv")).exists();
    assertThat(output.resolve("report.md")).exists();
  }
}
