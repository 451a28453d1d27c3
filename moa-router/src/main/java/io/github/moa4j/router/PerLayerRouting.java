package io.github.moa4j.router;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.LoraWeights;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.LayerChoices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every layer follows its own router (Feng et al., 2024): one pass over the prompt in which layer l
 * applies the adapter that R_l finds most probable, and hands on the state so shaped. The choices
 * are taken once, from the prompt, and hold until the answer ends.
 */
public final class PerLayerRouting {

  private final BaseModel model;
  private final LayerwiseRouter router;
  private final List<String> domains;
  private final List<LoraWeights> experts;
  private final HostTensor weight; // [layers, experts, width]
  private final HostTensor bias; // [layers, experts]

  /**
   * Prepares a router for some adapters.
   *
   * @param experts the adapter of each domain that may be chosen, all known to the router
   * @throws RouterException if the router does not read the input of every layer, or does not know
   *     a domain
   */
  public PerLayerRouting(
      BaseModel model, LayerwiseRouter router, Map<String, LoraWeights> experts) {
    this.model = model;
    this.router = router;
    this.domains = List.copyOf(experts.keySet());
    this.experts = List.copyOf(experts.values());
    int layers = model.config().numHiddenLayers();
    int width = router.pooling().width(model.config().hiddenSize());
    float[] weights = new float[layers * domains.size() * width];
    float[] biases = new float[layers * domains.size()];
    for (int layer = 0; layer < layers; layer++) {
      StateClassifier classifier = classifier(layer);
      float[] own = classifier.weights();
      float[] ownBias = classifier.bias();
      for (int i = 0; i < domains.size(); i++) {
        int row = row(domains.get(i));
        int target = layer * domains.size() + i;
        System.arraycopy(own, row * width, weights, target * width, width);
        biases[target] = ownBias[row];
      }
    }
    this.weight = HostTensor.of(weights, layers, domains.size(), width);
    this.bias = HostTensor.of(biases, layers, domains.size());
  }

  private StateClassifier classifier(int layer) {
    return router.layers().stream()
        .filter(found -> found.state() == layer)
        .findFirst()
        .orElseThrow(
            () ->
                new RouterException(
                    "Per-layer routing needs a router that reads the input of every layer, but this"
                        + " one reads the states "
                        + router.states()
                        + ". Route by sequence, as wide models keep some states only."));
  }

  private int row(String domain) {
    int row = router.domains().indexOf(domain);
    if (row < 0) {
      throw new RouterException(
          "The router does not know the domain '"
              + domain
              + "', only "
              + router.domains()
              + ". Train the routers again.");
    }
    return row;
  }

  /**
   * Runs prompts.
   *
   * @param prompts token ids
   * @return probabilities [prompt][layer][domain], in the order of the experts
   */
  public double[][][] probabilities(List<int[]> prompts) {
    return LayerChoices.of(model, prompts, experts, weight, bias, router.pooling());
  }

  /** The adapters of a prompt: in each layer the one it finds most probable. */
  public AdapterChoice choice(double[][] layers) {
    List<LoraWeights> used = new ArrayList<>();
    List<Float> shares = new ArrayList<>();
    for (int expert = 0; expert < experts.size(); expert++) {
      List<Float> own = new ArrayList<>();
      for (double[] layer : layers) {
        own.add(Probabilities.indexOfHighest(layer) == expert ? 1f : 0f);
      }
      if (own.contains(1f)) {
        used.add(experts.get(expert));
        shares.addAll(own);
      }
    }
    return new AdapterChoice(used, shares, 0);
  }

  /** The decision that a prompt's choices amount to: the mean over the layers. */
  RoutingDecision decision(double[][] layers) {
    List<LayerVote> votes = new ArrayList<>();
    for (int layer = 0; layer < layers.length; layer++) {
      votes.add(new LayerVote(layer, Probabilities.named(domains, layers[layer])));
    }
    double[] mean = Probabilities.mean(layers);
    double confidence = Math.min(1, mean[Probabilities.indexOfHighest(mean)]);
    return new RoutingDecision(
            Probabilities.named(domains, mean), Optional.empty(), confidence, votes)
        .decide(router.abstentionThreshold());
  }
}
