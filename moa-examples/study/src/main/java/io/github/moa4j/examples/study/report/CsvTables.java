package io.github.moa4j.examples.study.report;

import io.github.moa4j.examples.study.report.records.AdaptationFigures;
import io.github.moa4j.examples.study.report.records.CaseStudy;
import io.github.moa4j.examples.study.report.records.ComparisonResults;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.MethodRun;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.RoutingScore;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.report.records.StabilityFigures;
import io.github.moa4j.examples.study.report.records.TuningChoice;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures as flat tables, one row a measurement, for a spreadsheet or a script. */
final class CsvTables {

  private final Map<String, List<List<Object>>> tables = new LinkedHashMap<>();

  private CsvTables() {}

  /** Rows by the table's name, the header first; NaN is an empty cell, an empty table is absent. */
  static Map<String, List<List<Object>>> of(ComparisonResults results) {
    CsvTables csv = new CsvTables();
    csv.methods(results.runs());
    csv.routing(results.routing());
    csv.robustness(results);
    csv.adapters(results);
    csv.iteration(results.iteration());
    csv.others(results);
    csv.tables.values().removeIf(rows -> rows.size() == 1);
    return csv.tables;
  }

  private void methods(List<MethodRun> runs) {
    table(
        "methods",
        "method,seed,domain,perplexity,bleu,rouge_l,exact_match,items,batch_size,learning_rate,answer_tokens,"
            + "parameters,training_seconds,processor_seconds,tokens_per_second");
    table("stability", "method,seed,median_gradient_norm,max_gradient_norm,loss_spikes,diverged");
    table("curves", "method,seed,curve,tokens,loss");
    for (MethodRun run : runs) {
      run.domains()
          .forEach(
              (domain, score) ->
                  row(
                      "methods",
                      run.method(),
                      run.seed(),
                      domain,
                      score.perplexity(),
                      score.bleu(),
                      score.rougeL(),
                      score.exactMatch(),
                      score.items(),
                      run.setting().batchSize(),
                      run.setting().learningRate(),
                      run.answerTokens(),
                      run.parameters(),
                      run.trainingSeconds(),
                      run.processorSeconds(),
                      run.tokensPerSecond()));
      StabilityFigures stability = run.stability();
      row(
          "stability",
          run.method(),
          run.seed(),
          stability.medianGradientNorm(),
          stability.maxGradientNorm(),
          stability.lossSpikes(),
          stability.diverged());
      run.trainingCurve()
          .forEach(p -> row("curves", run.method(), run.seed(), "training", p.tokens(), p.loss()));
      run.validationCurve()
          .forEach(
              p -> row("curves", run.method(), run.seed(), "validation", p.tokens(), p.loss()));
    }
  }

  private void routing(List<RoutingScore> scores) {
    table("routing", "router,accuracy,ece");
    table("confusion", "router,domain,chosen,count");
    table("calibration", "router,confidence,accuracy,count");
    table("coverage", "router,threshold,coverage,accuracy");
    for (RoutingScore score : scores) {
      String router = score.router();
      row("routing", router, score.accuracy(), score.ece());
      List<String> domains = score.domains();
      for (int i = 0; i < domains.size(); i++) {
        for (int j = 0; j < domains.size(); j++) {
          row("confusion", router, domains.get(i), domains.get(j), score.confusion()[i][j]);
        }
      }
      score
          .bins()
          .forEach(b -> row("calibration", router, b.confidence(), b.accuracy(), b.count()));
      score
          .coverage()
          .forEach(p -> row("coverage", router, p.threshold(), p.coverage(), p.accuracy()));
    }
  }

  private void robustness(ComparisonResults results) {
    table("robustness", "form,router,accuracy");
    for (RobustnessRow form : results.robustness()) {
      form.accuracyByRouter()
          .forEach((router, accuracy) -> row("robustness", form.form(), router, accuracy));
    }
    table("unknown-domains", "unknown,router,auroc,false_accept_rate");
    for (UnknownDomainRow one : results.unknownDomains()) {
      one.aurocByRouter()
          .forEach(
              (router, auroc) ->
                  row(
                      "unknown-domains",
                      one.unknown(),
                      router,
                      auroc,
                      one.falseAcceptByRouter().getOrDefault(router, Double.NaN)));
    }
  }

  private void adapters(ComparisonResults results) {
    table("interference", "adapter,other,cosine,row_space_overlap,column_space_overlap");
    results
        .interference()
        .ifPresent(
            figures -> {
              List<String> names = figures.adapters();
              for (int i = 0; i < names.size(); i++) {
                for (int j = 0; j < names.size(); j++) {
                  row(
                      "interference",
                      names.get(i),
                      names.get(j),
                      figures.cosine()[i][j],
                      figures.rowSpaceAngle()[i][j],
                      figures.columnSpaceAngle()[i][j]);
                }
              }
            });
    table("adaptation", "domain,started_from,target_loss,tokens_fresh,tokens_warm");
    for (AdaptationFigures one : results.adaptation()) {
      row(
          "adaptation",
          one.domain(),
          one.warmStartedFrom(),
          one.targetLoss(),
          one.tokensFresh(),
          one.tokensWarm());
    }
  }

  private void iteration(List<IterationStep> steps) {
    table(
        "iteration",
        "step,action,domain,other_files_unchanged,other_perplexities_unchanged,"
            + "old_domains_routing_accuracy,other_routes_changed,seconds,ridge_seconds");
    table("forgetting", "step,action,changed_domain,adapter,domain,perplexity");
    for (int i = 0; i < steps.size(); i++) {
      IterationStep step = steps.get(i);
      int number = i + 1;
      row(
          "iteration",
          number,
          step.action(),
          step.domain(),
          step.otherFilesUnchanged(),
          step.otherPerplexitiesUnchanged(),
          step.oldDomainsRoutingAccuracy(),
          step.otherRoutesChanged(),
          step.seconds(),
          step.ridgeSeconds());
      step.mixturePerplexity()
          .forEach(
              (domain, perplexity) ->
                  row(
                      "forgetting",
                      number,
                      step.action(),
                      step.domain(),
                      "mixture",
                      domain,
                      perplexity));
      step.sharedPerplexity()
          .forEach(
              (domain, perplexity) ->
                  row(
                      "forgetting",
                      number,
                      step.action(),
                      step.domain(),
                      "shared",
                      domain,
                      perplexity));
    }
  }

  private void others(ComparisonResults results) {
    table("claims", "claim,holds,measured");
    results.claims().forEach(c -> row("claims", c.claim(), c.holds(), c.measured()));
    table("ablations", "ablation,setting,perplexity,routing_accuracy,note");
    results
        .ablations()
        .forEach(
            a ->
                row(
                    "ablations",
                    a.ablation(),
                    a.setting(),
                    a.perplexity(),
                    a.routingAccuracy(),
                    a.note()));
    table("learning-curves", "domain,examples,perplexity");
    results
        .learningCurves()
        .forEach(p -> row("learning-curves", p.domain(), p.examples(), p.perplexity()));
    table("two-domains", "domains,base,top1,top2");
    results
        .twoDomains()
        .forEach(t -> row("two-domains", t.domains(), t.base(), t.top1(), t.top2()));
    table("tuning", "method,batch_size,learning_rate,selection_loss,chosen");
    for (TuningChoice choice : results.tuning()) {
      for (TuningChoice.Trial trial : choice.trials()) {
        Setting setting = trial.setting();
        row(
            "tuning",
            choice.method(),
            setting.batchSize(),
            setting.learningRate(),
            trial.loss(),
            setting.equals(choice.chosen()));
      }
    }
    table("data", "domain,train,validation,exact_duplicates,near_duplicates,validation_overlap");
    results
        .data()
        .forEach(
            d ->
                row(
                    "data",
                    d.domain(),
                    d.train(),
                    d.validation(),
                    d.exactDuplicates(),
                    d.nearDuplicates(),
                    d.validationOverlap()));
    table("cases", "domain,prompt,reference,method,answer");
    for (CaseStudy study : results.caseStudies()) {
      study
          .answerByMethod()
          .forEach(
              (method, answer) ->
                  row("cases", study.domain(), study.prompt(), study.reference(), method, answer));
    }
  }

  private void table(String name, String header) {
    List<List<Object>> rows = new ArrayList<>();
    rows.add(List.of((Object[]) header.split(",", -1)));
    tables.put(name, rows);
  }

  private void row(String table, Object... cells) {
    List<Object> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(cell instanceof Double value && !Double.isFinite(value) ? "" : cell);
    }
    tables.get(table).add(row);
  }
}
