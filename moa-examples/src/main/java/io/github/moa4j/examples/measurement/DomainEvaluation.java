package io.github.moa4j.examples.measurement;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.evaluation.ExactMatch;
import io.github.moa4j.training.evaluation.Perplexity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Measures domains one by one, and keeps a line for every example. */
public final class DomainEvaluation {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What was measured of one domain; routing is empty where no router knows the domain. */
  private record Result(
      String domain,
      int items,
      Perplexity perplexity,
      ExactMatch exactMatch,
      OptionalDouble routing) {}

  private final Evaluator evaluator;
  private final AnsweringAdapters adapters;
  private final int maxItems;
  private final int maxAnswers;
  private final int maxNewTokens;
  private final List<Result> results = new ArrayList<>();
  private final List<ObjectNode> lines = new ArrayList<>();

  /**
   * Creates an evaluation of nothing yet.
   *
   * @param maxItems of a domain; 0 for all
   * @param maxAnswers of a domain
   */
  public DomainEvaluation(
      Evaluator evaluator,
      AnsweringAdapters adapters,
      int maxItems,
      int maxAnswers,
      int maxNewTokens) {
    this.evaluator = evaluator;
    this.adapters = adapters;
    this.maxItems = maxItems;
    this.maxAnswers = maxAnswers;
    this.maxNewTokens = maxNewTokens;
  }

  /** Measures the first validation examples of a domain, or training examples if it has none. */
  public void measure(Domain domain) {
    List<Example> all = domain.validation().isEmpty() ? domain.train() : domain.validation();
    List<Example> items = maxItems == 0 ? all : all.subList(0, Math.min(maxItems, all.size()));
    List<Optional<RoutingDecision>> decisions = decisions(items);
    List<AdapterChoice> choices =
        IntStream.range(0, items.size())
            .mapToObj(i -> adapters.choice(decisions.get(i), evaluator.prompt(items.get(i))))
            .toList();
    List<Perplexity> perplexities = evaluator.perplexities(items, choices);
    int answered = Math.min(maxAnswers, items.size());
    List<String> answers =
        evaluator.answers(items.subList(0, answered), choices.subList(0, answered), maxNewTokens);
    ExactMatch exactMatch = ExactMatch.NONE;
    for (int i = 0; i < items.size(); i++) {
      ObjectNode line = line(domain.name(), items.get(i), decisions.get(i), perplexities.get(i));
      if (i < answered) {
        String expected = evaluator.reference(items.get(i));
        exactMatch = exactMatch.plus(expected, answers.get(i));
        line.put("answer", answers.get(i));
        line.put("exact", ExactMatch.matches(expected, answers.get(i)));
      }
      lines.add(line);
    }
    Perplexity perplexity = perplexities.stream().reduce(Perplexity.NONE, Perplexity::plus);
    results.add(
        new Result(
            domain.name(),
            items.size(),
            perplexity,
            exactMatch,
            accuracy(domain.name(), decisions)));
  }

  private List<Optional<RoutingDecision>> decisions(List<Example> items) {
    return adapters
        .router()
        .map(router -> evaluator.route(router, items).stream().map(Optional::of).toList())
        .orElseGet(() -> items.stream().map(item -> Optional.<RoutingDecision>empty()).toList());
  }

  private OptionalDouble accuracy(String domain, List<Optional<RoutingDecision>> decisions) {
    return adapters.router().filter(router -> router.domains().contains(domain)).stream()
        .flatMapToDouble(
            router ->
                decisions.stream()
                    .mapToDouble(
                        decision ->
                            decision.orElseThrow().chosen().equals(Optional.of(domain)) ? 1 : 0))
        .average();
  }

  private ObjectNode line(
      String domain, Example item, Optional<RoutingDecision> decision, Perplexity perplexity) {
    ObjectNode line = JSON.createObjectNode();
    line.put("domain", domain);
    ArrayNode prompt = line.putArray("prompt");
    item.prompt()
        .forEach(
            message ->
                prompt.addObject().put("role", message.role()).put("content", message.content()));
    line.put("expected", evaluator.reference(item));
    line.putNull("answer");
    line.putNull("exact");
    line.put("chosen_domain", decision.flatMap(RoutingDecision::chosen).orElse(null));
    line.put("confidence", decision.map(RoutingDecision::confidence).orElse(null));
    line.put("loss", perplexity.loss());
    line.put("answer_tokens", perplexity.tokens());
    return line;
  }

  /** A line a domain and, for several, their mean; a dash where nothing was measured. */
  public TextTable table() {
    TextTable table =
        TextTable.of("domain", "items", "perplexity", "exact match", "routing accuracy");
    for (Result result : results) {
      table.row(
          result.domain(),
          Integer.toString(result.items()),
          number("%.3f", result.perplexity().value()),
          number("%.3f", result.exactMatch().share()),
          number("%.3f", result.routing().orElse(Double.NaN)));
    }
    if (results.size() > 1) {
      table.row(
          "(mean)",
          Integer.toString(lines.size()),
          number(
              "%.3f", Perplexity.geometricMean(results.stream().map(Result::perplexity).toList())),
          number(
              "%.3f",
              results.stream().mapToDouble(r -> r.exactMatch().share()).average().orElseThrow()),
          number(
              "%.3f",
              results.stream()
                  .flatMapToDouble(result -> result.routing().stream())
                  .average()
                  .orElse(Double.NaN)));
    }
    return table;
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  /** Writes an object an example, as JSON Lines. */
  public void write(Path file) {
    String text = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8), MoaException::new);
  }
}
