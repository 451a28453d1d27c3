package io.github.moa4j.router.layerwise.internal;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import io.github.moa4j.core.model.internal.LayerChoices;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.statistics.StateClassifier;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every layer follows its own router (Feng et al., 2024): one pass over the prompt in which layer l
 * applies the adapter that R_l finds most probable, and hands on the state so shaped. The choices
 * are taken once, from the prompt, and hold until the answer ends.
 */
public final class PerLayerPass {

  private final BaseModel model;
  private final LayerwiseRouter router;
  private final RouterDomains domains;
  private final List<AppliedLora> adapters;
  private final HostTensor weight; // [layers, adapters, width]
  private final HostTensor bias; // [layers, adapters]

  /**
   * Prepares a router for some adapters.
   *
   * @param adapters the adapter of each domain that may be chosen, all known to the router
   * @throws RouterException if the router does not read the input of every layer, or does not know
   *     a domain
   */
  public PerLayerPass(BaseModel model, LayerwiseRouter router, Map<String, AppliedLora> adapters) {
    this.model = model;
    this.router = router;
    this.domains = RouterDomains.of(List.copyOf(adapters.keySet()));
    this.adapters = List.copyOf(adapters.values());
    int layers = model.config().numHiddenLayers();
    int width = router.pooling().width(model.config().hiddenSize());
    int[] rows = rows(RouterDomains.of(router.domains()));
    float[] weights = new float[layers * rows.length * width];
    float[] biases = new float[layers * rows.length];
    for (int layer = 0; layer < layers; layer++) {
      StateClassifier classifier = classifier(layer);
      float[] own = classifier.weightsOfValues();
      float[] ownBias = classifier.bias();
      for (int i = 0; i < rows.length; i++) {
        int target = layer * rows.length + i;
        System.arraycopy(own, rows[i] * width, weights, target * width, width);
        biases[target] = ownBias[rows[i]];
      }
    }
    this.weight = HostTensor.of(weights, layers, rows.length, width);
    this.bias = HostTensor.of(biases, layers, rows.length);
  }

  /**
   * Checks that an adapter can be chosen layer by layer.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if it acts outside of the layers too
   */
  public static void requireFit(AppliedLora adapter) {
    LayerChoices.requireFit(adapter);
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

  /** Where the router has the domains that may be chosen. */
  private int[] rows(RouterDomains known) {
    return domains.names().stream().mapToInt(domain -> row(known, domain)).toArray();
  }

  private int row(RouterDomains known, String domain) {
    int row = known.indexOf(domain);
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
   * @return probabilities [prompt][layer][domain], in the order of the adapters
   */
  public double[][][] probabilities(List<int[]> prompts) {
    return LayerChoices.of(
        model.unwrap(Decoder.class), prompts, adapters, weight, bias, router.pooling());
  }

  /** The adapters of a prompt: in each layer the one it finds most probable. */
  public AdapterChoice choice(double[][] layers) {
    List<AppliedLora> used = new ArrayList<>();
    List<Float> shares = new ArrayList<>();
    for (int i = 0; i < adapters.size(); i++) {
      List<Float> own = new ArrayList<>();
      for (double[] layer : layers) {
        own.add(Probabilities.indexOfHighest(layer) == i ? 1f : 0f);
      }
      if (own.contains(1f)) {
        used.add(adapters.get(i));
        shares.addAll(own);
      }
    }
    return new AdapterChoice(used, shares, 0);
  }

  /** The decision that a prompt's choices amount to: the mean over the layers. */
  public RoutingDecision decision(double[][] layers) {
    List<StateVote> votes = new ArrayList<>();
    for (int layer = 0; layer < layers.length; layer++) {
      votes.add(new StateVote(layer, domains.named(layers[layer])));
    }
    return RoutingDecision.of(
        domains.named(Probabilities.mean(layers)), votes, router.abstentionThreshold());
  }
}
