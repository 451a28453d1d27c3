package io.github.moa4j.examples.study.comparison;

import ai.djl.util.Utils;
import com.fasterxml.jackson.core.type.TypeReference;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.measurement.FolderHash;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.methods.Trainings;
import io.github.moa4j.examples.study.report.records.IterationStep;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.Perplexity;
import io.github.moa4j.training.lora.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A mixture that grows by one domain at a time, has one domain trained again and one removed; and
 * beside it one adapter that is trained on the same domains one after the other.
 */
final class Iteration {

  private static final int ITEMS = 100;

  private final Workbench bench;
  private final Trainings trainings;
  private final RoutedMixture source;
  private final Setting setting;
  private final List<IterationStep> steps = new ArrayList<>();
  private MixtureDirectory mixture;
  private Optional<LoraAdapter> shared = Optional.empty();

  /**
   * Prepares the experiment.
   *
   * @param source a mixture whose adapters are added one by one
   * @param setting of single adapters
   */
  Iteration(Workbench bench, Trainings trainings, RoutedMixture source, Setting setting) {
    this.bench = bench;
    this.trainings = trainings;
    this.source = source;
    this.setting = setting;
  }

  List<IterationStep> steps() {
    return bench.store().computeIfAbsent("iteration", new TypeReference<>() {}, this::measure);
  }

  private List<IterationStep> measure() {
    Path directory = bench.output().resolve("iteration");
    Utils.deleteQuietly(directory); // what an interrupted run left
    mixture = MixtureDirectory.create(directory, bench.model().fingerprint());
    List<Domain> domains = bench.domains();
    int first = (domains.size() + 1) / 2;
    for (Domain domain : domains.subList(0, first - 1)) {
      add(domain);
      trainShared(domain);
    }
    for (Domain domain : domains.subList(first - 1, domains.size())) {
      step(
          mixture.state().domains().size() < first ? "start" : "add",
          domain,
          () -> add(domain),
          true);
    }
    Domain again = domains.get(0);
    step("retrain", again, () -> retrain(again), false);
    Domain gone = domains.get(1);
    step("remove", gone, () -> bench.trainer().remove(mixture, gone.name()), false);
    return steps;
  }

  private void step(String action, Domain domain, Runnable change, boolean trainsShared) {
    Progress.say("iteration: %s %s", action, domain.name());
    Map<String, String> files = files(domain);
    Map<String, Double> before = perplexities();
    Map<String, List<String>> routesBefore = routes(domain);
    long start = System.nanoTime();
    change.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Double> after = perplexities();
    Map<String, Double> others = new LinkedHashMap<>(before);
    others.remove(domain.name());
    Map<String, List<String>> routes = routes(domain);
    if (trainsShared) {
      trainShared(domain);
    }
    steps.add(
        new IterationStep(
            action,
            domain.name(),
            files(domain).equals(files),
            after.entrySet().containsAll(others.entrySet()),
            accuracy(routes),
            changed(routesBefore, routes),
            seconds,
            ridgeSeconds(),
            after,
            trainsShared ? sharedPerplexities() : Map.of()));
  }

  private void add(Domain domain) {
    bench
        .trainer()
        .importAdapter(
            mixture,
            domain.name(),
            source.directory().adapterDirectory(domain.name()),
            List.of(),
            true);
  }

  /** Trains a domain anew, with another seed, and puts the adapter in place of the old one. */
  private void retrain(Domain domain) {
    LoraAdapter fresh =
        trainings
            .further(
                Optional.empty(),
                domain,
                bench.options(bench.lora(bench.settings().rank()), setting, 2),
                bench.settings().trainingExamples(),
                TrainingListener.NONE)
            .adapter();
    Path statistics = mixture.adapterDirectory(domain.name()).resolve(DomainStatistics.FILE_NAME);
    mixture.replaceDomain(
        domain.name(),
        folder -> {
          PeftFormat.write(fresh, folder);
          copy(statistics, folder.resolve(DomainStatistics.FILE_NAME));
        });
  }

  private void trainShared(Domain domain) {
    shared =
        Optional.of(
            trainings
                .further(
                    shared,
                    domain,
                    bench.options(bench.lora(bench.settings().rank()), setting, 1),
                    bench.settings().trainingExamples(),
                    TrainingListener.NONE)
                .adapter());
  }

  /** Hashes of the files of every adapter but one. */
  private Map<String, String> files(Domain except) {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (Domain domain : bench.domains()) {
      boolean there = mixture.state().domains().containsKey(domain.name());
      if (there && !domain.equals(except)) {
        hashes.put(domain.name(), FolderHash.of(mixture.adapterDirectory(domain.name())));
      }
    }
    return hashes;
  }

  private Map<String, Double> perplexities() {
    Map<String, Double> found = new LinkedHashMap<>();
    for (Domain domain : present()) {
      LoraAdapter adapter = PeftFormat.read(mixture.adapterDirectory(domain.name()));
      found.put(domain.name(), perplexity(domain, adapter));
    }
    return found;
  }

  private Map<String, Double> sharedPerplexities() {
    Map<String, Double> found = new LinkedHashMap<>();
    for (Domain domain : present()) {
      found.put(domain.name(), perplexity(domain, shared.orElseThrow()));
    }
    return found;
  }

  private List<Domain> present() {
    return bench.domains().stream()
        .filter(domain -> mixture.state().domains().containsKey(domain.name()))
        .toList();
  }

  private double perplexity(Domain domain, LoraAdapter adapter) {
    List<Example> items = Workbench.first(domain.validation(), ITEMS);
    try (AppliedLora weights = bench.model().load(adapter)) {
      return bench
          .evaluator()
          .perplexities(items, Collections.nCopies(items.size(), AdapterChoice.of(weights)))
          .stream()
          .reduce(Perplexity.NONE, Perplexity::plus)
          .value();
    }
  }

  /** Returns where the prompts of every domain that is there but one go. */
  private Map<String, List<String>> routes(Domain except) {
    Map<String, List<String>> routes = new LinkedHashMap<>();
    List<Domain> others =
        present().stream().filter(domain -> !domain.name().equals(except.name())).toList();
    if (!others.isEmpty()) {
      Router router =
          StoredRouters.read(
              mixture.state().routerDirectory().orElseThrow(),
              RouterKind.LAYERWISE,
              bench.model().fingerprint());
      for (Domain domain : others) {
        routes.put(
            domain.name(),
            source.decisions(router, domain).stream().map(RoutingDecision::mostProbable).toList());
      }
    }
    return routes;
  }

  private static double accuracy(Map<String, List<String>> routes) {
    return routes.entrySet().stream()
        .flatMap(own -> own.getValue().stream().map(route -> route.equals(own.getKey())))
        .mapToInt(right -> right ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  private static double changed(Map<String, List<String>> before, Map<String, List<String>> after) {
    return before.entrySet().stream()
        .flatMapToInt(
            own ->
                IntStream.range(0, own.getValue().size())
                    .map(i -> own.getValue().get(i).equals(after.get(own.getKey()).get(i)) ? 0 : 1))
        .average()
        .orElse(Double.NaN);
  }

  /** Time to fit the closed-form router again from the statistics of all domains. */
  private double ridgeSeconds() {
    List<DomainStatistics> statistics = new ArrayList<>();
    for (Domain domain : present()) {
      statistics.add(
          DomainStatistics.read(
              mixture.adapterDirectory(domain.name()).resolve(DomainStatistics.FILE_NAME),
              bench.model().fingerprint()));
    }
    long start = System.nanoTime();
    RidgeRouter.fit(statistics, RidgeSettings.defaults());
    return (System.nanoTime() - start) / 1e9;
  }

  private static void copy(Path from, Path to) {
    DurableFiles.copy(from, to, MoaException::new);
  }
}
