package io.github.moa4j.examples.measurement;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.ExactMatch;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Help.Ansi;

/**
 * A mixture on requests that it has never seen: in wordings it was trained on with new values, in
 * wordings of their own, and on text that is none of its work. Owns the adapters' native memory.
 */
public final class WordingMeasurement implements AutoCloseable {

  private static final int MAX_NEW_TOKENS = 96;
  private static final int SAMPLES = 3; // a domain
  private static final int LONGEST_SHOWN = 120; // characters

  private final Evaluator evaluator;
  private final AnsweringAdapters adapters;
  private final Router router;
  private final MeasuredReport report;
  private final TextTable table = TextTable.of("", "seen: found", "right", "new: found", "right");
  private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();
  private final StringBuilder samples = new StringBuilder();

  /** Opens the mixture's adapters and its ridge router. */
  public WordingMeasurement(
      OpenBase base, MixtureTrainer trainer, MixtureDirectory mixture, MeasuredReport report) {
    this.evaluator = new Evaluator(base.model(), trainer.encoder());
    this.adapters = AnsweringAdapters.of(base.model(), mixture, RouterKind.RIDGE);
    this.router = adapters.router().orElseThrow();
    this.report = report;
  }

  /**
   * Measures a domain.
   *
   * @param seen requests in wordings that were trained on
   * @param unseen requests in other wordings
   */
  public void measure(String domain, List<Example> seen, List<Example> unseen) {
    Map<String, Double> row = new LinkedHashMap<>();
    measure(domain, seen, "seen", 0, row);
    measure(domain, unseen, "unseen", SAMPLES, row);
    addRow(domain, row);
  }

  private void measure(
      String domain, List<Example> items, String wording, int shown, Map<String, Double> row) {
    List<RoutingDecision> decisions = evaluator.route(router, items);
    List<AdapterChoice> choices =
        IntStream.range(0, items.size())
            .mapToObj(
                i -> adapters.choice(Optional.of(decisions.get(i)), evaluator.prompt(items.get(i))))
            .toList();
    List<String> answers = evaluator.answers(items, choices, MAX_NEW_TOKENS);
    int routed = 0;
    ExactMatch exact = ExactMatch.NONE;
    for (int i = 0; i < items.size(); i++) {
      String expected = evaluator.reference(items.get(i));
      routed += decisions.get(i).chosen().equals(Optional.of(domain)) ? 1 : 0;
      exact = exact.plus(expected, answers.get(i));
      if (i < shown) {
        samples.append(sample(items.get(i), expected, decisions.get(i), answers.get(i)));
      }
    }
    row.put(wording + "_routed", routed / (double) items.size());
    row.put(wording + "_answered", exact.share());
  }

  private void addRow(String name, Map<String, Double> row) {
    rows.put(name, row);
    List<String> cells =
        row.values().stream().map(value -> String.format(Locale.ROOT, "%.2f", value)).toList();
    table.row(name, cells.get(0), cells.get(1), cells.get(2), cells.get(3));
  }

  private static String sample(
      Example item, String expected, RoutingDecision decision, String answer) {
    boolean right = ExactMatch.matches(expected, answer);
    return String.format(
        Locale.ROOT,
        "  %s%n    -> [%s] %s  %s%n",
        item.prompt().get(0).content(),
        decision.chosen().orElse("none"),
        shortened(answer),
        right
            ? Ansi.AUTO.string("@|green right|@")
            : Ansi.AUTO.string("@|bold,red WRONG|@") + ", expected: " + expected);
  }

  /** An answer in one line: a base that talks on is cut. */
  private static String shortened(String answer) {
    String line = answer.strip().replaceAll("\\s+", " ");
    return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN - 3) + "...";
  }

  /** Measures how much of what is none of the domains' work is left alone. */
  public double abstained(List<Example> items) {
    return evaluator.route(router, items).stream()
            .filter(decision -> decision.chosen().isEmpty())
            .count()
        / (double) items.size();
  }

  /** Prints the table of all that was measured, and some answers. */
  public void report(double seenAbstained, double unseenAbstained) {
    Map<String, Double> mean = new LinkedHashMap<>();
    for (String column : rows.values().iterator().next().keySet()) {
      mean.put(
          column, rows.values().stream().mapToDouble(row -> row.get(column)).average().orElse(0));
    }
    addRow("mean", mean);
    report.say(
        "%nShares of requests that found their domain, and of answers that are right letter");
    report.say("by letter: wordings seen in training with new values, and wordings never seen%n");
    report.say("%s", table);
    report.say(
        "Everyday talk, questions and gibberish left alone: %.2f of wordings seen, %.2f of others",
        seenAbstained, unseenAbstained);
    report.say("%nAnswers to wordings never seen%n%s", samples);
    report.put("wordings", rows);
    report.put("abstained", Map.of("seen", seenAbstained, "unseen", unseenAbstained));
  }

  @Override
  public void close() {
    adapters.close();
  }
}
