package io.github.moa4j.examples.study.ablations;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.examples.study.methods.Adapters;
import io.github.moa4j.examples.study.methods.MethodRuns;
import io.github.moa4j.examples.study.methods.RoutedMixture;
import io.github.moa4j.examples.study.report.records.AblationRow;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.VoteCombination;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import io.github.moa4j.training.router.LayerwiseRouterTrainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What pooling, depth, vote and routing mode are worth to the routers. */
final class RouterAblations {

  private static final int ROUTER_PROMPTS = 300;

  private final Workbench bench;
  private final MethodRuns methods;
  private final RoutedMixture mixture;
  private final LayerwiseRouter router;
  private final AblationTable rows;

  RouterAblations(
      Workbench bench,
      MethodRuns methods,
      RoutedMixture mixture,
      LayerwiseRouter router,
      AblationTable rows) {
    this.bench = bench;
    this.methods = methods;
    this.mixture = mixture;
    this.router = router;
    this.rows = rows;
  }

  void pooling() {
    for (Pooling pooling : Pooling.values()) {
      String setting = pooling.name().toLowerCase(Locale.ROOT);
      rows.add(
          "pooling",
          setting,
          () -> {
            Map<String, List<PromptStates>> prompts = new LinkedHashMap<>();
            for (Domain domain : bench.domains()) {
              prompts.put(
                  domain.name(),
                  bench.evaluator().states(Workbench.first(domain.train(), ROUTER_PROMPTS)));
            }
            LayerwiseRouter trained =
                new LayerwiseRouterTrainer(LayerwiseRouterSettings.defaults().withPooling(pooling))
                    .train(prompts);
            return new AblationRow(
                "pooling",
                setting,
                Double.NaN,
                mixture.accuracy(trained),
                "trained on the first " + ROUTER_PROMPTS + " prompts of each domain");
          });
    }
  }

  void layers() {
    int states = router.states().size();
    for (int count = 1; count <= states; count += count < 4 ? 1 : 2) {
      int used = count;
      rows.add(
          "states that the router reads",
          "first " + used + " of " + states,
          () ->
              new AblationRow(
                  "states that the router reads",
                  "first " + used + " of " + states,
                  Double.NaN,
                  mixture.accuracy(router.usingFirstStates(used)),
                  "an early exit costs about %d/%d of a prefill".formatted(used - 1, states - 1)));
    }
  }

  void votes() {
    for (VoteCombination combination : VoteCombination.values()) {
      String setting = combination.name().toLowerCase(Locale.ROOT);
      rows.add(
          "votes of the layers",
          setting,
          () ->
              new AblationRow(
                  "votes of the layers",
                  setting,
                  Double.NaN,
                  mixture.accuracy(router.withCombination(combination)),
                  ""));
    }
  }

  /** Whether layers that follow their own routers agree, and choose the label. */
  void routingModes() {
    rows.add(
        "routing mode",
        "SEQUENCE",
        () ->
            new AblationRow("routing mode", "SEQUENCE", Double.NaN, mixture.accuracy(router), ""));
    rows.add(
        "routing mode",
        "PER_LAYER, routers of the base's states",
        () -> perLayer("PER_LAYER, routers of the base's states", loaded -> router));
    rows.add(
        "routing mode",
        "PER_LAYER, routers of their own choices' states",
        () -> perLayer("PER_LAYER, routers of their own choices' states", mixture::perLayerRouter));
  }

  private AblationRow perLayer(String setting, Function<Adapters, LayerwiseRouter> routers) {
    int right = 0;
    int all = 0;
    int rightDecisions = 0;
    int decisions = 0;
    try (Adapters loaded =
        new Adapters(bench.model(), bench.names(), methods.single(1).adapters())) {
      PerLayerPass routing = new PerLayerPass(bench.model(), routers.apply(loaded), loaded.all());
      for (int label = 0; label < bench.domains().size(); label++) {
        for (double[][] layers :
            mixture.layerChoices(routing, bench.domains().get(label).validation())) {
          rightDecisions += Heaviest.of(layers) == label ? 1 : 0;
          decisions++;
          for (double[] layer : layers) {
            right += Heaviest.of(layer) == label ? 1 : 0;
            all++;
          }
        }
      }
    }
    return new AblationRow(
        "routing mode",
        setting,
        Double.NaN,
        (double) rightDecisions / decisions,
        String.format(
            Locale.ROOT,
            "on the states that the layers' own choices shape; single layers right: %.4f",
            (double) right / all));
  }
}
