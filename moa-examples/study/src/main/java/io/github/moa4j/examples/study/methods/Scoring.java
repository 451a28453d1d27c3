package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.examples.study.report.records.DomainScore;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.AnswerKind;
import io.github.moa4j.training.evaluation.AnswerScores;
import io.github.moa4j.training.evaluation.Perplexity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures a method on held-out examples: perplexity of all, answers of the first. */
public final class Scoring {

  /** Which adapters each example runs through. */
  public interface Choices {

    List<AdapterChoice> of(Domain domain, List<Example> examples);
  }

  private final Workbench bench;

  public Scoring(Workbench bench) {
    this.bench = bench;
  }

  MethodRun run(String method, String description, long seed, TrainingLog log, Choices choices) {
    Map<String, DomainScore> scores = new LinkedHashMap<>();
    Map<String, List<String>> answers = new LinkedHashMap<>();
    for (Domain domain : bench.domains()) {
      List<Example> items = Workbench.first(domain.validation(), bench.settings().answers());
      List<String> given =
          bench
              .evaluator()
              .answers(items, choices.of(domain, items), bench.settings().maxNewTokens());
      scores.put(domain.name(), score(domain, items, given, perplexity(domain, choices)));
      answers.put(domain.name(), given);
    }
    return new MethodRun(
        method,
        description,
        seed,
        log.setting(),
        log.answerTokens(),
        log.parameters(),
        log.seconds(),
        log.processorSeconds(),
        log.tokens() / log.seconds(),
        scores,
        log.trainingCurve(),
        log.validationCurve(),
        log.stability(),
        answers);
  }

  private DomainScore score(
      Domain domain, List<Example> items, List<String> answers, double perplexity) {
    AnswerKind kind = bench.kind(domain);
    AnswerScores scores = AnswerScores.none(kind);
    for (int i = 0; i < items.size(); i++) {
      scores = scores.plus(bench.evaluator().reference(items.get(i)), answers.get(i));
    }
    return new DomainScore(
        perplexity,
        kind.usesBleu() ? scores.bleu().score() : Double.NaN,
        kind.usesRougeL() ? scores.rougeL().fMeasure() : Double.NaN,
        kind.usesAccuracy() ? scores.accuracy().share() : Double.NaN,
        items.size());
  }

  public double perplexity(Domain domain, Choices choices) {
    List<Example> items = domain.validation();
    return bench.evaluator().perplexities(items, choices.of(domain, items)).stream()
        .reduce(Perplexity.NONE, Perplexity::plus)
        .value();
  }

  public Map<String, Double> perplexities(List<Domain> domains, Choices choices) {
    Map<String, Double> found = new LinkedHashMap<>();
    domains.forEach(domain -> found.put(domain.name(), perplexity(domain, choices)));
    return found;
  }

  public static double geometricMean(Iterable<Double> perplexities) {
    double sum = 0;
    int count = 0;
    for (double perplexity : perplexities) {
      sum += Math.log(perplexity);
      count++;
    }
    return Math.exp(sum / count);
  }
}
