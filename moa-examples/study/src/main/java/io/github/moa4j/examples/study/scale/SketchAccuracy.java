package io.github.moa4j.examples.study.scale;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.internal.FeatureSketch;
import io.github.moa4j.training.robustness.PromptForm;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import io.github.moa4j.training.router.LayerwiseRouterTrainer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How right routers are that read fewer and fewer features of the same states. */
public final class SketchAccuracy {

  private static final int[] FEATURES = {512, 256, 128, 64, 32};

  private final Map<String, List<PromptStates>> train;
  private final Map<PromptForm, Map<String, List<PromptStates>>> validation;

  /**
   * Creates a measurement.
   *
   * @param train of each domain
   * @param validation of each form and domain
   */
  public SketchAccuracy(
      Map<String, List<PromptStates>> train,
      Map<PromptForm, Map<String, List<PromptStates>>> validation) {
    this.train = train;
    this.validation = validation;
  }

  /** Measures and prints. */
  public void print(PrintWriter out) {
    MarkdownTable table =
        new MarkdownTable(out, "Features of a state", "router", "features", "form", "right");
    for (int features : FEATURES) {
      Map<String, List<PromptStates>> narrow = narrow(train, features);
      print(table, features, "ridge", ridge(narrow));
      LayerwiseRouterSettings settings =
          LayerwiseRouterSettings.defaults().withPooling(Pooling.MEAN);
      print(table, features, "layer-wise", new LayerwiseRouterTrainer(settings).train(narrow));
    }
  }

  private void print(MarkdownTable table, int features, String name, Router router) {
    validation.forEach(
        (form, domains) ->
            table.row(
                name,
                String.valueOf(features),
                form.title(),
                right(router, narrow(domains, features))));
  }

  private static Router ridge(Map<String, List<PromptStates>> domains) {
    List<DomainStatistics> statistics = new ArrayList<>();
    domains.forEach(
        (name, prompts) -> {
          PromptStates first = prompts.get(0);
          List<Integer> states = IntStream.range(0, first.numStates()).boxed().toList();
          DomainStatistics own =
              DomainStatistics.empty(name, Pooling.MEAN, states, first.hiddenSize());
          own.add(prompts);
          statistics.add(own);
        });
    return RidgeRouter.fit(statistics, RidgeSettings.defaults());
  }

  private static String right(Router router, Map<String, List<PromptStates>> domains) {
    int right = 0;
    int all = 0;
    for (Map.Entry<String, List<PromptStates>> domain : domains.entrySet()) {
      for (PromptStates prompt : domain.getValue()) {
        right += router.route(prompt).mostProbable().equals(domain.getKey()) ? 1 : 0;
        all++;
      }
    }
    return "%.4f".formatted((double) right / all);
  }

  /** Mean and last token in so many features, as the one pooled state of a narrower model. */
  private static Map<String, List<PromptStates>> narrow(
      Map<String, List<PromptStates>> domains, int features) {
    Map<String, List<PromptStates>> narrow = new LinkedHashMap<>();
    domains.forEach(
        (name, prompts) ->
            narrow.put(name, prompts.stream().map(prompt -> narrow(prompt, features)).toList()));
    return narrow;
  }

  private static PromptStates narrow(PromptStates prompt, int features) {
    FeatureSketch sketch = FeatureSketch.of(2 * prompt.hiddenSize(), features);
    float[][] states = new float[prompt.numStates()][];
    for (int i = 0; i < states.length; i++) {
      states[i] = sketch.apply(Pooling.MEAN_AND_LAST.of(prompt, i));
    }
    return new PromptStates(states, states);
  }
}
