package io.github.moa4j.examples.study.comparison;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.measurement.BagOfFeatures;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.report.records.RobustnessRow;
import io.github.moa4j.examples.study.report.records.UnknownDomainRow;
import io.github.moa4j.examples.study.workbench.Progress;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.evaluation.RoutingRobustness;
import io.github.moa4j.training.evaluation.UnknownDetection;
import io.github.moa4j.training.robustness.PromptForm;
import io.github.moa4j.training.router.LayerwiseRouterTrainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Prompts in other forms than they were learned in, and prompts and texts of no domain. */
final class Robustness {

  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final int WORDS = 40;
  private static final int TEXTS = 200;

  private final Workbench bench;
  private final RoutedMixture mixture;
  private final RoutingRobustness measurement;

  Robustness(Workbench bench, RoutedMixture mixture) {
    this.bench = bench;
    this.mixture = mixture;
    this.measurement = new RoutingRobustness(bench.evaluator(), bench.domains(), 1);
  }

  List<RobustnessRow> forms() {
    return bench
        .store()
        .computeIfAbsent("robustness", new TypeReference<>() {}, this::measureForms);
  }

  private List<RobustnessRow> measureForms() {
    Progress.say("robustness: forms of prompts");
    Map<String, List<Example>> prompts = new LinkedHashMap<>();
    bench
        .domains()
        .forEach(
            domain -> prompts.put(domain.name(), bench.trainer().routerPrompts(domain.train())));
    BagOfFeatures words = BagOfFeatures.train(BagOfFeatures.Feature.WORD, prompts);
    BagOfFeatures trigrams = BagOfFeatures.train(BagOfFeatures.Feature.TRIGRAM, prompts);
    Map<String, Map<PromptForm, Double>> accuracies = new LinkedHashMap<>();
    accuracies.put("layer-wise", measurement.accuracy(mixture.router(RouterKind.LAYERWISE)));
    accuracies.put("ridge", measurement.accuracy(mixture.router(RouterKind.RIDGE)));
    accuracies.put("bag-of-words", measurement.accuracy(words::classify));
    accuracies.put("bag-of-trigrams", measurement.accuracy(trigrams::classify));
    List<RobustnessRow> rows = new ArrayList<>();
    for (PromptForm form : PromptForm.values()) {
      Map<String, Double> row = new LinkedHashMap<>();
      accuracies.forEach((router, accuracy) -> row.put(router, accuracy.get(form)));
      rows.add(new RobustnessRow(form.title(), row));
    }
    return rows;
  }

  /**
   * Each domain left out once, and the texts of a folder.
   *
   * @param texts folders with texts of no domain; may be empty
   */
  List<UnknownDomainRow> unknown(List<Path> texts) {
    return bench
        .store()
        .computeIfAbsent("unknown", new TypeReference<>() {}, () -> measureUnknown(texts));
  }

  private List<UnknownDomainRow> measureUnknown(List<Path> texts) {
    Progress.say("robustness: unknown domains");
    Map<String, UnknownDetection> layerwise = measurement.leavingOut(this::layerwise);
    Map<String, UnknownDetection> ridge = measurement.leavingOut(this::ridge);
    List<UnknownDomainRow> rows = new ArrayList<>();
    for (String name : bench.names()) {
      rows.add(row(name, layerwise.get(name), ridge.get(name)));
    }
    for (Path folder : texts) {
      for (Path file : textFiles(folder)) {
        List<PromptStates> states = measurement.states(pieces(file));
        rows.add(
            row(
                String.valueOf(file.getFileName()),
                measurement.onTexts(mixture.router(RouterKind.LAYERWISE), states),
                measurement.onTexts(mixture.router(RouterKind.RIDGE), states)));
      }
    }
    return rows;
  }

  private static UnknownDomainRow row(
      String name, UnknownDetection layerwise, UnknownDetection ridge) {
    return new UnknownDomainRow(
        name,
        byRouter(layerwise.auroc(), ridge.auroc()),
        byRouter(layerwise.falseAccept(), ridge.falseAccept()));
  }

  private static Map<String, Double> byRouter(double layerwise, double ridge) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("layer-wise", layerwise);
    figures.put("ridge", ridge);
    return figures;
  }

  private Router layerwise(List<String> names) {
    return new LayerwiseRouterTrainer(bench.trainer().settings().layerwise())
        .train(statistics(names));
  }

  private Router ridge(List<String> names) {
    return RidgeRouter.fit(statistics(names), bench.trainer().settings().ridge());
  }

  private List<DomainStatistics> statistics(List<String> names) {
    return names.stream()
        .map(
            name ->
                DomainStatistics.read(
                    mixture.directory().adapterDirectory(name).resolve(DomainStatistics.FILE_NAME),
                    bench.model().fingerprint()))
        .toList();
  }

  private static List<Path> textFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    } catch (IOException e) {
      throw new MoaException("Cannot read the folder of texts " + folder + ": " + e, e);
    }
  }

  /** Pieces of some words each, spread over a file. */
  private static List<String> pieces(Path file) {
    try {
      String[] words = SPACE.split(Files.readString(file, StandardCharsets.UTF_8).strip(), -1);
      int pieces = Math.min(TEXTS, words.length / WORDS);
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < pieces; i++) {
        int start = (int) ((long) i * (words.length - WORDS) / Math.max(1, pieces - 1));
        texts.add(String.join(" ", List.of(words).subList(start, start + WORDS)));
      }
      return texts;
    } catch (IOException e) {
      throw new MoaException("Cannot read the text " + file + ": " + e, e);
    }
  }
}
