package io.github.moa4j.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.comparison.BagOfWords;
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
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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

/** Trains a mixture's domains one after the other and measures the result on held-out items. */
final class MixtureExperiment {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final BaseModel model;
  private final MixtureTrainer trainer;
  private final MixtureDirectory mixture;
  private final List<Domain> domains;
  private final Evaluator evaluator;
  private final Map<String, LoadedAdapter> adapters = new LinkedHashMap<>();
  private final Map<String, Object> report = new LinkedHashMap<>();
  private final long start = System.nanoTime();

  MixtureExperiment(
      OpenBase base, MixtureTrainer trainer, MixtureDirectory mixture, List<Domain> domains) {
    this.model = base.model();
    this.trainer = trainer;
    this.mixture = mixture;
    this.domains = domains;
    this.evaluator = new Evaluator(model, base.tokenizer(), trainer.encoder());
  }

  /** Runs everything, prints the tables and writes {@code report.json}. */
  void run(Path output, int answers, int maxNewTokens, boolean singleLora) {
    say("Base %s, %s", model.directory(), model.computeType());
    report.put("compute_type", model.computeType().name());
    report.put("base_fingerprint", model.fingerprint());
    List<TrainedDomain> trained = trainAdapters();
    Optional<LoraAdapter> mixed =
        singleLora ? Optional.of(trainSingleLora(output)) : Optional.empty();
    trainer.trainRouters(mixture, trained);
    try {
      for (Domain domain : domains) {
        Path folder = mixture.adapterDirectory(domain.name());
        adapters.put(domain.name(), LoadedAdapter.of(model, PeftFormat.read(folder)));
      }
      mixed.ifPresent(adapter -> adapters.put("(single)", LoadedAdapter.of(model, adapter)));
      Map<String, List<RoutingDecision>> decisions = route();
      perplexities(decisions);
      exactMatches(decisions, answers, maxNewTokens);
    } finally {
      adapters.values().forEach(LoadedAdapter::close);
    }
    report.put("seconds", (System.nanoTime() - start) / 1e9);
    write(output.resolve("report.json"));
    say(
        "Took %.0f s. Report: %s",
        (System.nanoTime() - start) / 1e9, output.resolve("report.json"));
    say(
        "Ask it: mvn -q compile exec:java -Dmain=Ask -Dexec.args=\"--mixture %s '...'\"",
        mixture.directory());
  }

  private List<TrainedDomain> trainAdapters() {
    List<TrainedDomain> trained = new ArrayList<>();
    Map<String, Object> training = new LinkedHashMap<>();
    boolean unchanged = true;
    for (Domain domain : domains) {
      if (mixture.state().domains().containsKey(domain.name())) {
        say("%s is trained already", domain.name());
        continue;
      }
      AdapterHashes before = hashes();
      long began = System.nanoTime();
      try (ConsoleProgress progress = new ConsoleProgress(domain.name())) {
        Path state = mixture.directory().resolve("training-" + domain.name() + ".safetensors");
        TrainedDomain result =
            trainer.train(domain, Optional.empty(), Optional.of(state), progress);
        trainer.store(mixture, result);
        deleteIfExists(state);
        trained.add(result);
        double seconds = (System.nanoTime() - began) / 1e9;
        say(
            "%s: %d tokens in %.0f s, selection loss %.3f after step %d",
            domain.name(),
            result.training().tokens(),
            seconds,
            result.training().validationLoss(),
            result.training().bestStep());
        training.put(
            domain.name(), Map.of("tokens", result.training().tokens(), "seconds", seconds));
      }
      unchanged &= hashes().changedSince(before).isEmpty();
    }
    report.put("training", training);
    report.put("base_and_earlier_adapters_unchanged", unchanged);
    say(
        "Interference check: base and all earlier adapters %s%n%s",
        unchanged ? "unchanged, bit for bit" : "CHANGED", hashes());
    return trained;
  }

  private AdapterHashes hashes() {
    return AdapterHashes.of(mixture).withBase(model.directory());
  }

  /** One adapter of the same size on the mixed data of all domains, for as many tokens. */
  private LoraAdapter trainSingleLora(Path output) {
    Path folder = output.resolve("single-lora");
    if (Files.exists(folder.resolve("adapter_config.json"))) {
      return PeftFormat.read(folder);
    }
    int perDomain = trainer.settings().trainingExamples();
    List<Example> all = new ArrayList<>();
    List<Example> selection = new ArrayList<>();
    for (Domain domain : domains) {
      List<Example> train = domain.train();
      int used = Math.min(train.size(), perDomain == 0 ? train.size() : perDomain);
      all.addAll(train.subList(0, used));
      selection.addAll(train.subList(used, Math.min(train.size(), used + 16)));
    }
    try (ConsoleProgress progress = new ConsoleProgress("single-lora")) {
      long began = System.nanoTime();
      TrainingResult result = trainer.trainMixed(all, selection, progress);
      say(
          "single-lora (mixed data): %d tokens in %.0f s, selection loss %.3f",
          result.tokens(), (System.nanoTime() - began) / 1e9, result.validationLoss());
      PeftFormat.write(result.adapter(), folder);
      return result.adapter();
    }
  }

  private Map<String, List<RoutingDecision>> route() {
    Router layerwise = router(RouterKind.LAYERWISE);
    Router ridge = router(RouterKind.RIDGE);
    BagOfWords words = BagOfWords.train(domains, 1000);
    List<String> names = domains.stream().map(Domain::name).toList();
    ConfusionMatrix layerwiseTable = new ConfusionMatrix(names);
    ConfusionMatrix ridgeTable = new ConfusionMatrix(names);
    ConfusionMatrix wordsTable = new ConfusionMatrix(names);
    Map<String, List<RoutingDecision>> decisions = new LinkedHashMap<>();
    for (Domain domain : domains) {
      List<PromptStates> states = evaluator.states(domain.validation());
      decisions.put(domain.name(), states.stream().map(layerwise::route).toList());
      for (int i = 0; i < states.size(); i++) {
        RoutingDecision decision = decisions.get(domain.name()).get(i);
        layerwiseTable.add(domain.name(), decision.mostProbable());
        ridgeTable.add(domain.name(), ridge.route(states.get(i)).mostProbable());
        wordsTable.add(domain.name(), words.classify(domain.validation().get(i)));
      }
    }
    say("%nRouting of held-out prompts (rows: domain, columns: choice)%n%s", layerwiseTable);
    say(
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

  private void perplexities(Map<String, List<RoutingDecision>> decisions) {
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
    say("%nPerplexity of held-out answers%n%s", table);
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

  private void exactMatches(
      Map<String, List<RoutingDecision>> decisions, int answers, int maxNewTokens) {
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
    say("%nExact match on held-out items (%d a domain at most)%n%s", answers, table);
    double mean =
        values.values().stream().mapToDouble(row -> row.get("routed")).average().orElse(0);
    say("Routed, mean over domains: %.3f%n%nAnswers%n%s", mean, samples);
    report.put("exact_match", values);
    report.put("exact_match_routed_mean", mean);
  }

  private static double share(List<Example> items, List<String> answers) {
    ExactMatch match = ExactMatch.NONE;
    for (int i = 0; i < items.size(); i++) {
      match = match.plus(items.get(i).answer(), answers.get(i));
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

  private void write(Path file) {
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(report), MoaException::new);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  private static void deleteIfExists(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + file, e);
    }
  }

  private static void say(String format, Object... arguments) {
    System.out.println(String.format(Locale.ROOT, format, arguments));
  }
}
