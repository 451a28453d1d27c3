package io.github.moa4j.examples.comparison;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.ChatTemplate;
import io.github.moa4j.core.text.TextTokenizer;
import io.github.moa4j.examples.report.CaseStudy;
import io.github.moa4j.examples.report.ComparisonResults;
import io.github.moa4j.examples.report.MethodRun;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every method on the same domains, with the same number of answer tokens. Parts that are stored in
 * the output folder are not computed again.
 */
public final class Comparison {

  private static final int CASES = 3;

  private final Workbench bench;

  /**
   * Prepares a comparison.
   *
   * @param output folder of the results, and of the adapters that are trained
   */
  public Comparison(
      BaseModel model,
      TextTokenizer tokenizer,
      ChatTemplate template,
      List<Domain> domains,
      ComparisonSettings settings,
      Path output) {
    this.bench = new Workbench(model, tokenizer, template, domains, settings, output);
  }

  /**
   * Runs what is not stored yet.
   *
   * @param machine what it runs on
   * @param command the command line that makes it again
   */
  public ComparisonResults run(String machine, String command) {
    Trainings trainings = new Trainings(bench);
    LearningRates rates = new LearningRates(bench);
    MethodRuns methods = new MethodRuns(bench, trainings, rates);
    int rank = bench.settings().rank();
    int seeds = bench.settings().seeds();
    methods.base();
    methods.singleLora(1);
    RoutedMixture mixture =
        RoutedMixture.of(bench, bench.output().resolve("adapters").resolve("single-lora-1"));
    methods.moa(mixture, 1);
    methods.moaJoint(mixture, 1);
    methods.mixed(MethodRuns.MIXED, "one adapter on the mixed data, same rank", rank, 1);
    methods.moeLora(MethodRuns.MOE, 1, 1);
    methods.moeLora("moe-lora-top2", 2, 1);
    methods.mixed(
        "single-lora-mixed-large",
        "one adapter on the mixed data, as many parameters as all adapters",
        rank * bench.domains().size(),
        1);
    methods.activated(mixture, 1);
    for (long seed = 2; seed <= seeds; seed++) {
      methods.singleLora(seed);
      methods.moa(mixture, seed);
      methods.moaJoint(mixture, seed);
      methods.mixed(MethodRuns.MIXED, "one adapter on the mixed data, same rank", rank, seed);
      methods.moeLora(MethodRuns.MOE, 1, seed);
    }
    Map<String, String> settings = new LinkedHashMap<>(bench.settings().shown());
    settings.put(
        "base", bench.model().directory().getFileName() + ", " + bench.model().computeType());
    return new ComparisonResults(
        "Methods compared on " + bench.domains().size() + " domains",
        machine,
        command,
        settings,
        List.of(),
        rates.choices(),
        methods.runs(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        caseStudies(methods.runs()),
        List.of());
  }

  /** The first questions of every domain with the answers of each method's first seed. */
  private List<CaseStudy> caseStudies(List<MethodRun> runs) {
    List<CaseStudy> cases = new ArrayList<>();
    for (Domain domain : bench.domains()) {
      List<Example> items =
          Workbench.first(domain.validation(), Math.min(CASES, bench.settings().answers()));
      for (int i = 0; i < items.size(); i++) {
        Map<String, String> answers = new LinkedHashMap<>();
        for (MethodRun run : runs) {
          if (run.seed() == 1) {
            answers.put(run.method(), run.answers().get(domain.name()).get(i));
          }
        }
        cases.add(
            new CaseStudy(
                domain.name(),
                items.get(i).prompt().stream()
                    .map(message -> message.content())
                    .collect(Collectors.joining("\n")),
                items.get(i).answer(),
                answers));
      }
    }
    return cases;
  }
}
