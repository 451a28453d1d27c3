package io.github.moa4j.examples.study.utility;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.utility.UtilityRouters.Asked;
import io.github.moa4j.training.evaluation.Perplexity;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What answers cost by the ways to choose an adapter, of known and of unknown domains. */
public final class UtilityComparison {

  private final List<String> domains;
  private final List<Asked> learnt = new ArrayList<>();
  private final List<Asked> measured = new ArrayList<>();

  public UtilityComparison(List<String> domains) {
    this.domains = List.copyOf(domains);
  }

  /** Adds an example and what the base sees of its prompt. */
  public void add(CrossLoss loss, PromptStates prompt) {
    (loss.learnt() ? learnt : measured).add(new Asked(loss, prompt));
  }

  /** Prints all tables. */
  public void print(PrintWriter out) {
    MarkdownTable known =
        new MarkdownTable(out, "Known domains", "adapter by", "perplexity", "own adapter", "base");
    row(known, "the domain", asked -> asked.loss().domain());
    UtilityRouters.of(learnt, domains).forEach((name, way) -> row(known, name, way));

    Map<String, List<Object>> rows = new LinkedHashMap<>();
    for (String unknown : domains) {
      List<String> others = domains.stream().filter(name -> !name.equals(unknown)).toList();
      List<Asked> fewer =
          learnt.stream().filter(asked -> !asked.loss().domain().equals(unknown)).toList();
      UtilityRouters.of(fewer, others)
          .forEach(
              (name, way) ->
                  rows.computeIfAbsent(name, key -> new ArrayList<>(List.of(key)))
                      .add(perplexity(unknown, way).value()));
    }
    List<String> columns = new ArrayList<>(domains);
    columns.add(0, "adapter by");
    MarkdownTable unknown =
        new MarkdownTable(
            out, "Perplexity of a domain that is unknown", columns.toArray(String[]::new));
    rows.values().forEach(row -> unknown.row(row.toArray()));
  }

  private void row(MarkdownTable table, String name, Function<Asked, String> way) {
    List<String> chosen = measured.stream().map(way).toList();
    long own = 0;
    for (int i = 0; i < chosen.size(); i++) {
      own += chosen.get(i).equals(measured.get(i).loss().domain()) ? 1 : 0;
    }
    long base = chosen.stream().filter(CrossLoss.BASE::equals).count();
    table.row(
        name,
        MarkdownTable.exact(
            Perplexity.geometricMean(
                domains.stream().map(domain -> perplexity(domain, way)).toList())),
        MarkdownTable.exact((double) own / chosen.size()),
        MarkdownTable.exact((double) base / chosen.size()));
  }

  private Perplexity perplexity(String domain, Function<Asked, String> way) {
    return measured.stream()
        .filter(asked -> asked.loss().domain().equals(domain))
        .map(
            asked ->
                new Perplexity(asked.loss().sums().get(way.apply(asked)), asked.loss().tokens()))
        .reduce(Perplexity.NONE, Perplexity::plus);
  }
}
