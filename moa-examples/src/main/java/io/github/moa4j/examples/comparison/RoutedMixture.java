package io.github.moa4j.examples.comparison;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.LayerChoices;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.registry.MixtureDirectory;
import io.github.moa4j.router.LayerwiseRouter;
import io.github.moa4j.router.Pooling;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RouterPair;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateClassifier;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mixture directory with the adapters of one training, and what its routers choose. */
final class RoutedMixture {

  private static final int BATCH = 32;

  private final Workbench bench;
  private final MixtureDirectory mixture;
  private final Map<String, List<PromptStates>> states = new HashMap<>();

  private RoutedMixture(Workbench bench, MixtureDirectory mixture) {
    this.bench = bench;
    this.mixture = mixture;
  }

  /**
   * Opens the mixture, or imports adapters into a new one, whose routers then learn the domains'
   * training prompts.
   *
   * @param adapters a folder with a PEFT directory a domain
   */
  static RoutedMixture of(Workbench bench, Path adapters) {
    Path directory = bench.output().resolve("mixture");
    MixtureDirectory mixture =
        Files.exists(directory.resolve("moa.json"))
            ? MixtureDirectory.open(directory)
            : MixtureDirectory.create(
                directory,
                bench.model().fingerprint(),
                Optional.of(bench.model().directory().toAbsolutePath().toString()));
    for (Domain domain : bench.domains()) {
      if (!mixture.state().domains().containsKey(domain.name())) {
        bench
            .trainer()
            .importAdapter(
                mixture, domain.name(), adapters.resolve(domain.name()), domain.train(), true);
      }
    }
    return new RoutedMixture(bench, mixture);
  }

  MixtureDirectory directory() {
    return mixture;
  }

  Router router(RouterKind kind) {
    return RouterPair.read(
        mixture.state().routerDirectory().orElseThrow(), kind, bench.model().fingerprint());
  }

  /** What the base sees of a domain's validation prompts. */
  List<PromptStates> states(Domain domain) {
    return states.computeIfAbsent(
        domain.name(), name -> bench.evaluator().states(domain.validation()));
  }

  List<RoutingDecision> decisions(Router router, Domain domain) {
    return states(domain).stream().map(router::route).toList();
  }

  /** Every example with the adapter that a router chooses for its prompt, else the base. */
  Scoring.Choices bySequence(Router router, Adapters adapters) {
    return (domain, examples) ->
        Workbench.first(decisions(router, domain), examples.size()).stream()
            .map(
                decision ->
                    decision
                        .chosen()
                        .map(name -> AdapterChoice.of(adapters.of(name)))
                        .orElseGet(AdapterChoice::base))
            .toList();
  }

  /** Every example with the deltas of its two most probable adapters, in their proportion. */
  Scoring.Choices topTwo(Router router, Adapters adapters) {
    return (domain, examples) ->
        Workbench.first(decisions(router, domain), examples.size()).stream()
            .map(decision -> topTwo(decision, adapters))
            .toList();
  }

  static AdapterChoice topTwo(RoutingDecision decision, Adapters adapters) {
    List<Map.Entry<String, Double>> ranked =
        decision.probabilities().entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
            .limit(2)
            .toList();
    double sum = ranked.stream().mapToDouble(Map.Entry::getValue).sum();
    return new AdapterChoice(
        ranked.stream().map(entry -> adapters.of(entry.getKey())).toList(),
        ranked.stream().map(entry -> (float) (entry.getValue() / sum)).toList(),
        0);
  }

  /** Every layer with the adapter that its own router chooses for the prompt. */
  Scoring.Choices byLayer(LayerwiseRouter router, Adapters adapters) {
    List<LoraWeights> experts = router.domains().stream().map(adapters::of).toList();
    return (domain, examples) -> {
      List<int[]> prompts =
          examples.stream().map(example -> bench.encoder().encodePrompt(example.prompt())).toList();
      List<AdapterChoice> choices = new ArrayList<>();
      for (double[][] layers : layerChoices(router, experts, prompts)) {
        choices.add(hard(experts, layers));
      }
      return choices;
    };
  }

  /** Probabilities [prompt][layer][expert] in the pass in which layers follow their own routers. */
  List<double[][]> layerChoices(
      LayerwiseRouter router, List<LoraWeights> experts, List<int[]> prompts) {
    int layers = bench.model().config().numHiddenLayers();
    int width = router.pooling().width(bench.model().config().hiddenSize());
    float[] weight = new float[layers * experts.size() * width];
    float[] bias = new float[layers * experts.size()];
    for (StateClassifier classifier : router.layers()) {
      if (classifier.state() < layers) {
        float[] own = classifier.weights();
        System.arraycopy(own, 0, weight, classifier.state() * own.length, own.length);
        System.arraycopy(
            classifier.bias(), 0, bias, classifier.state() * experts.size(), experts.size());
      }
    }
    List<double[][]> found = new ArrayList<>();
    for (int start = 0; start < prompts.size(); start += BATCH) {
      found.addAll(
          List.of(
              LayerChoices.of(
                  bench.model(),
                  prompts.subList(start, Math.min(prompts.size(), start + BATCH)),
                  experts,
                  HostTensor.of(weight, layers, experts.size(), width),
                  HostTensor.of(bias, layers, experts.size()),
                  router.pooling() != Pooling.LAST,
                  router.pooling() != Pooling.MEAN)));
    }
    return found;
  }

  private static AdapterChoice hard(List<LoraWeights> experts, double[][] layers) {
    List<Float> shares = new ArrayList<>();
    List<LoraWeights> used = new ArrayList<>();
    for (int expert = 0; expert < experts.size(); expert++) {
      List<Float> own = new ArrayList<>();
      for (double[] layer : layers) {
        own.add(indexOfHighest(layer) == expert ? 1f : 0f);
      }
      if (own.contains(1f)) {
        used.add(experts.get(expert));
        shares.addAll(own);
      }
    }
    return new AdapterChoice(used, shares, 0);
  }

  private static int indexOfHighest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** Every example with the adapter of its label. */
  static Scoring.Choices byLabel(Adapters adapters) {
    return (domain, examples) ->
        examples.stream().map(example -> AdapterChoice.of(adapters.of(domain.name()))).toList();
  }

  /** Every example with the same adapter. */
  static Scoring.Choices shared(LoraWeights adapter) {
    return (domain, examples) ->
        examples.stream().map((Example example) -> AdapterChoice.of(adapter)).toList();
  }
}
