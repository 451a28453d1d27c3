package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.router.PerLayerRouterTrainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A mixture directory with the adapters of one training, and what its routers choose. */
public final class RoutedMixture {

  private static final int BATCH = 32;
  private static final int PER_LAYER_ROUNDS = 2;

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
   * @param setting that the adapters were trained with
   * @param adapters by domain
   */
  public static RoutedMixture of(
      Workbench bench, Setting setting, Map<String, LoraAdapter> adapters) {
    Path directory = bench.output().resolve("mixture-" + setting);
    MixtureDirectory mixture =
        Files.exists(directory.resolve("moa.json"))
            ? MixtureDirectory.open(directory)
            : MixtureDirectory.create(
                directory,
                bench.model().fingerprint(),
                bench.model().directory().toAbsolutePath().toString());
    for (Domain domain : bench.domains()) {
      if (!mixture.state().domains().containsKey(domain.name())) {
        Path written = bench.output().resolve("imported-" + setting).resolve(domain.name());
        PeftFormat.write(adapters.get(domain.name()), written);
        bench.trainer().importAdapter(mixture, domain.name(), written, domain.train(), true);
      }
    }
    return new RoutedMixture(bench, mixture);
  }

  public MixtureDirectory directory() {
    return mixture;
  }

  public Router router(RouterKind kind) {
    return StoredRouters.read(
        mixture.state().routerDirectory().orElseThrow(), kind, bench.model().fingerprint());
  }

  /** What the base sees of a domain's validation prompts. */
  public List<PromptStates> states(Domain domain) {
    return states.computeIfAbsent(
        domain.name(), name -> bench.evaluator().states(domain.validation()));
  }

  /**
   * What a router chooses for each validation prompt. All are of known domains, as in the paper, so
   * that it never abstains; what abstaining costs is measured by itself.
   */
  public List<RoutingDecision> decisions(Router router, Domain domain) {
    return states(domain).stream().map(router::route).map(decision -> decision.decide(0)).toList();
  }

  /** Every example with the adapter that a router chooses for its prompt, else the base. */
  public Scoring.Choices bySequence(Router router, Adapters adapters) {
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
  public Scoring.Choices topTwo(Router router, Adapters adapters) {
    return (domain, examples) ->
        Workbench.first(decisions(router, domain), examples.size()).stream()
            .map(decision -> topTwo(decision, adapters))
            .toList();
  }

  public static AdapterChoice topTwo(RoutingDecision decision, Adapters adapters) {
    List<Map.Entry<String, Double>> ranked =
        decision.probabilities().entrySet().stream()
            .filter(entry -> !entry.getKey().equals(RouterDomains.NONE_OF_THESE))
            .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
            .limit(2)
            .toList();
    double sum = ranked.stream().mapToDouble(Map.Entry::getValue).sum();
    return new AdapterChoice(
        ranked.stream().map(entry -> adapters.of(entry.getKey())).toList(),
        ranked.stream().map(entry -> (float) (entry.getValue() / sum)).toList(),
        0);
  }

  /** Routers for layers that follow their own choices, trained on the states those lead to. */
  public LayerwiseRouter perLayerRouter(Adapters adapters) {
    Map<String, List<int[]>> prompts = new LinkedHashMap<>();
    int count = bench.settings().routerPrompts();
    for (Domain domain : bench.domains()) {
      prompts.put(
          domain.name(),
          Workbench.first(domain.train(), count).stream().map(bench.evaluator()::prompt).toList());
    }
    return new PerLayerRouterTrainer(
            bench.model(), bench.trainer().settings().layerwise(), PER_LAYER_ROUNDS)
        .train(prompts, adapters.all());
  }

  /** Every layer with the adapter that its own router chooses for the prompt. */
  Scoring.Choices byLayer(LayerwiseRouter router, Adapters adapters) {
    PerLayerPass routing = new PerLayerPass(bench.model(), router, adapters.all());
    return (domain, examples) ->
        layerChoices(routing, examples).stream().map(routing::choice).toList();
  }

  /** Probabilities [prompt][layer][expert] in the pass in which layers follow their own routers. */
  public List<double[][]> layerChoices(PerLayerPass routing, List<Example> examples) {
    List<int[]> prompts = examples.stream().map(bench.evaluator()::prompt).toList();
    List<double[][]> found = new ArrayList<>();
    for (int start = 0; start < prompts.size(); start += BATCH) {
      found.addAll(
          List.of(
              routing.probabilities(
                  prompts.subList(start, Math.min(prompts.size(), start + BATCH)))));
    }
    return found;
  }

  /** Every example with the adapter of its label. */
  public static Scoring.Choices byLabel(Adapters adapters) {
    return (domain, examples) ->
        examples.stream().map(example -> AdapterChoice.of(adapters.of(domain.name()))).toList();
  }

  /** Every example with the same adapter. */
  public static Scoring.Choices shared(AppliedLora adapter) {
    return (domain, examples) ->
        examples.stream().map((Example example) -> AdapterChoice.of(adapter)).toList();
  }

  /** The same adapters, from the opening of the answer on, which every prompt ends with. */
  static Scoring.Choices fromOpening(
      Scoring.Choices whole, ExampleEncoder encoder, LoraConfig activated) {
    return (domain, examples) -> {
      List<AdapterChoice> choices = whole.of(domain, examples);
      List<AdapterChoice> later = new ArrayList<>();
      for (int i = 0; i < choices.size(); i++) {
        int[] prompt = encoder.encodePrompt(examples.get(i));
        int opening = activated.activationPosition(prompt).orElseThrow();
        AdapterChoice choice = choices.get(i);
        later.add(new AdapterChoice(choice.adapters(), choice.shares(), opening));
      }
      return later;
    };
  }

  /** The share of the validation prompts whose most probable domain is their own. */
  public double accuracy(Router tested) {
    int right = 0;
    int all = 0;
    for (Domain domain : bench.domains()) {
      for (var decision : decisions(tested, domain)) {
        right += decision.mostProbable().equals(domain.name()) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }
}
