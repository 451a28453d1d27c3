package io.github.moa4j.examples.measurement;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.ConfusionMatrix;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.ExactMatch;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.mixture.MixtureTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A mixture on held-out items: which domain is chosen, and how the base, the routed mixture and
 * every single adapter answer. Owns the native memory of the adapters.
 */
public final class HeldOutMeasurement implements AutoCloseable {

  private final BaseModel model;
  private final MixtureDirectory mixture;
  private final List<Domain> domains; // with something to measure on
  private final Evaluator evaluator;
  private final MeasuredReport report;
  private final Map<String, LoadedAdapter> adapters = new LinkedHashMap<>();
  private final Map<String, List<RoutingDecision>> decisions;

  /**
   * Routes every held-out prompt.
   *
   * @param domains whose adapters are measured, on the held-out items of those that have some
   * @param mixed an adapter for all domains to measure beside them
   */
  public HeldOutMeasurement(
      OpenBase base,
      MixtureTrainer trainer,
      MixtureDirectory mixture,
      List<Domain> domains,
      Optional<LoraAdapter> mixed,
      MeasuredReport report) {
    this.model = base.model();
    this.mixture = mixture;
    this.domains = domains.stream().filter(domain -> !domain.validation().isEmpty()).toList();
    this.evaluator = new Evaluator(model, trainer.encoder());
    this.report = report;
    try {
      for (Domain domain : domains) {
        Path folder = mixture.adapterDirectory(domain.name());
        adapters.put(domain.name(), LoadedAdapter.of(model, PeftFormat.read(folder)));
      }
      mixed.ifPresent(adapter -> adapters.put("(single)", LoadedAdapter.of(model, adapter)));
      this.decisions = route(BagOfFeatures.train(domains, 1000));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Which domain the routers, and a bag of words, choose for each prompt. */
  private Map<String, List<RoutingDecision>> route(BagOfFeatures words) {
    Router layerwise = router(RouterKind.LAYERWISE);
    Router ridge = router(RouterKind.RIDGE);
    List<String> names = domains.stream().map(Domain::name).toList();
    ConfusionMatrix layerwiseTable = new ConfusionMatrix(names);
    ConfusionMatrix ridgeTable = new ConfusionMatrix(names);
    ConfusionMatrix wordsTable = new ConfusionMatrix(names);
    Map<String, List<RoutingDecision>> decisions = new LinkedHashMap<>();
    for (Domain domain : domains) {
      List<PromptStates> states = evaluator.statesAsRead(domain.validation());
      decisions.put(domain.name(), states.stream().map(ridge::route).toList());
      for (int i = 0; i < states.size(); i++) {
        RoutingDecision decision = decisions.get(domain.name()).get(i);
        ridgeTable.add(domain.name(), decision.mostProbable());
        layerwiseTable.add(domain.name(), layerwise.route(states.get(i)).mostProbable());
        wordsTable.add(domain.name(), words.classify(domain.validation().get(i)));
      }
    }
    report.say("%nRouting of held-out prompts (rows: domain, columns: choice)%n%s", ridgeTable);
    report.say(
        "Routing accuracy: layer-wise %.4f, ridge %.4f; bag of words %.4f",
        layerwiseTable.accuracy(), ridgeTable.accuracy(), wordsTable.accuracy());
    report.put(
        "routing_accuracy",
        Map.of(
            "layerwise", layerwiseTable.accuracy(),
            "ridge", ridgeTable.accuracy(),
            "bag_of_words", wordsTable.accuracy()));
    return decisions;
  }

  private Router router(RouterKind kind) {
    return StoredRouters.read(
        mixture.state().routerDirectory().orElseThrow(), kind, model.fingerprint());
  }

  /** Prints how well base, mixture and every adapter predict the answers. */
  public void perplexities() {
    TextTable table = new TextTable(columns("perplexity"));
    Map<String, Map<String, Double>> values = new LinkedHashMap<>();
    for (Domain domain : domains) {
      List<Example> items = domain.validation();
      Map<String, Double> row =
          row(
              items,
              perplexity(items, routed(items, decisions.get(domain.name()))),
              choices -> perplexity(items, choices));
      values.put(domain.name(), row);
      table.row(cells(domain.name(), row, "%.3f"));
    }
    report.say("%nPerplexity of held-out answers%n%s", table);
    report.put("perplexity", values);
  }

  private List<String> columns(String measure) {
    List<String> columns = new ArrayList<>(List.of(measure, "base", "routed"));
    columns.addAll(adapters.keySet());
    return columns;
  }

  /** One line of a table: the base, the routed mixture, then every adapter on all items. */
  private Map<String, Double> row(
      List<Example> items, double routed, ToDoubleFunction<List<AdapterChoice>> measure) {
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("base", measure.applyAsDouble(Collections.nCopies(items.size(), AdapterChoice.base())));
    row.put("routed", routed);
    adapters.forEach(
        (name, adapter) ->
            row.put(
                name,
                measure.applyAsDouble(
                    items.stream().map(item -> adapter.choice(evaluator.prompt(item))).toList())));
    return row;
  }

  private double perplexity(List<Example> items, List<AdapterChoice> choices) {
    return evaluator.perplexities(items, choices).stream()
        .reduce(Perplexity.NONE, Perplexity::plus)
        .value();
  }

  private List<AdapterChoice> routed(List<Example> items, List<RoutingDecision> decisions) {
    return IntStream.range(0, items.size())
        .mapToObj(
            i ->
                decisions
                    .get(i)
                    .chosen()
                    .map(adapters::get)
                    .map(adapter -> adapter.choice(evaluator.prompt(items.get(i))))
                    .orElseGet(AdapterChoice::base))
        .toList();
  }

  /**
   * Prints how many answers of base, mixture and every adapter are right, and some of them.
   *
   * @param answers of a domain
   */
  public void exactMatches(int answers, int maxNewTokens) {
    TextTable table = new TextTable(columns("exact match"));
    Map<String, Map<String, Double>> values = new LinkedHashMap<>();
    StringBuilder samples = new StringBuilder();
    for (Domain domain : domains) {
      List<Example> items =
          domain.validation().subList(0, Math.min(answers, domain.validation().size()));
      List<RoutingDecision> routes = decisions.get(domain.name()).subList(0, items.size());
      List<String> routed = evaluator.answers(items, routed(items, routes), maxNewTokens);
      Map<String, Double> row =
          row(
              items,
              share(items, routed),
              choices -> share(items, evaluator.answers(items, choices, maxNewTokens)));
      values.put(domain.name(), row);
      table.row(cells(domain.name(), row, "%.2f"));
      for (int i = 0; i < Math.min(2, items.size()); i++) {
        samples.append(sample(items.get(i), routes.get(i), routed.get(i)));
      }
    }
    report.say("%nExact match on held-out items (%d a domain at most)%n%s", answers, table);
    double mean =
        values.values().stream().mapToDouble(row -> row.get("routed")).average().orElse(0);
    report.say("Routed, mean over domains: %.3f%n%nAnswers%n%s", mean, samples);
    report.put("exact_match", values);
    report.put("exact_match_routed_mean", mean);
  }

  private double share(List<Example> items, List<String> answers) {
    ExactMatch match = ExactMatch.NONE;
    for (int i = 0; i < items.size(); i++) {
      match = match.plus(evaluator.reference(items.get(i)), answers.get(i));
    }
    return match.share();
  }

  private static String sample(Example item, RoutingDecision decision, String answer) {
    String question =
        item.prompt().stream().map(message -> message.content()).collect(Collectors.joining(" "));
    return String.format(
        Locale.ROOT,
        "  [%s %.2f] %s%n      -> %s%n",
        decision.chosen().orElse("base"),
        decision.confidence(),
        shortened(question),
        shortened(answer));
  }

  private static String shortened(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 160 ? line : line.substring(0, 157) + "...";
  }

  private static List<String> cells(String name, Map<String, Double> row, String format) {
    List<String> cells = new ArrayList<>(List.of(name));
    row.values().forEach(value -> cells.add(String.format(Locale.ROOT, format, value)));
    return cells;
  }

  @Override
  public void close() {
    adapters.values().forEach(LoadedAdapter::close);
  }
}
