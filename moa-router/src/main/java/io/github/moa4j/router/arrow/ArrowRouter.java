package io.github.moa4j.router.arrow;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.StateVote;
import io.github.moa4j.router.statistics.internal.Probabilities;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Routes by the adapters' own singular vectors (Arrow; Ostapenko et al., 2024, arXiv 2405.11157):
 * the prototype of a domain in a layer is the first right singular vector v of its delta B A, the
 * input that the adapter changes most, and a prompt belongs to the domain with the greatest |v · h|
 * (the sign of v is arbitrary). It needs the adapters and no prompt of any domain.
 *
 * <p>What is ours: one decision a sequence, from the pooled states, instead of one a token and map;
 * the maps q, k and v, whose input is the state that enters the layer; h of unit length, which
 * stands for the norm before these maps (the norm's weight changes next to nothing); the mean over
 * the maps, a softmax in each layer, and the mean over the layers. More than one direction can
 * count: then the score is the share of h's length that lies in their span.
 *
 * <p>The scores of two domains are on different scales, because what all states have in common lies
 * nearer to one prototype than to another. {@link #calibrated} takes that out with prompts that
 * need no label, and the router becomes far better.
 *
 * <p>No mixture stores it: it is made of the adapters in milliseconds, and served by {@link
 * io.github.moa4j.router.MixtureBuilder#router(Router)}.
 */
public final class ArrowRouter implements Router {

  private final RouterDomains domains;
  private final ArrowSettings settings;
  private final List<ArrowPrototypes> layers;
  private final double[][] mean; // [layer][domain]
  private final double[][] scale; // [layer][domain]

  private ArrowRouter(
      RouterDomains domains,
      ArrowSettings settings,
      List<ArrowPrototypes> layers,
      double[][] mean,
      double[][] scale) {
    this.domains = domains;
    this.settings = settings;
    this.layers = List.copyOf(layers);
    this.mean = mean;
    this.scale = scale;
  }

  /**
   * Makes a router of adapters alone. For r the rank it takes O((out + in) r²) operations a map.
   *
   * @param adapters by domain, in the order of the router's domains; at least one
   * @throws RouterException if there is no adapter, no layer in which all of them adapt the same
   *     one of q, k and v, or they belong to bases of different widths
   */
  public static ArrowRouter of(Map<String, LoraAdapter> adapters, ArrowSettings settings) {
    if (adapters.isEmpty()) {
      throw new RouterException("A router needs at least one domain.");
    }
    List<LoraAdapter> values = List.copyOf(adapters.values());
    List<String> domains = List.copyOf(adapters.keySet());
    List<ArrowPrototypes> layers = new ArrayList<>();
    for (int layer = 0; layer < values.get(0).depth(); layer++) {
      ArrowPrototypes prototypes = ArrowPrototypes.of(layer, values, settings.directions());
      if (!prototypes.isEmpty()) {
        requireOneWidth(prototypes, domains);
        layers.add(prototypes);
      }
    }
    if (layers.isEmpty()) {
      throw new RouterException(
          "The adapters of "
              + domains
              + " have no layer in which all of them adapt q_proj, k_proj or v_proj, so their"
              + " prototypes cannot be compared. Train them with one of these as target, or fit a"
              + " ridge router.");
    }
    double[][] ones = new double[layers.size()][domains.size()];
    for (double[] row : ones) {
      Arrays.fill(row, 1);
    }
    return new ArrowRouter(
        RouterDomains.of(domains),
        settings,
        layers,
        new double[layers.size()][domains.size()],
        ones);
  }

  private static void requireOneWidth(ArrowPrototypes prototypes, List<String> domains) {
    for (int k = 1; k < domains.size(); k++) {
      if (prototypes.hiddenSize(k) != prototypes.hiddenSize(0)) {
        throw new RouterException(
            "The adapters belong to different bases: that of '"
                + domains.get(0)
                + "' reads states of width "
                + prototypes.hiddenSize(0)
                + ", that of '"
                + domains.get(k)
                + "' of width "
                + prototypes.hiddenSize(k)
                + ".");
      }
    }
  }

  /**
   * Returns this router with each domain's scores standardised in each layer by their mean and
   * standard deviation over prompts that need no label. Prompts like those to come are best; text
   * of any other kind still helps. A calibrated router is calibrated anew, from its raw scores.
   *
   * @param prompts at least 2, from the base's own pass
   * @throws RouterException if there are fewer, or they do not fit
   */
  public ArrowRouter calibrated(List<PromptStates> prompts) {
    if (prompts.size() < 2) {
      throw new RouterException(
          "Calibration needs at least 2 prompts, better some dozens, not " + prompts.size() + ".");
    }
    int numDomains = domains.names().size();
    double[][] sums = new double[layers.size()][numDomains];
    double[][] squares = new double[layers.size()][numDomains];
    for (PromptStates prompt : prompts) {
      double[][] scores = rawScores(prompt);
      for (int i = 0; i < scores.length; i++) {
        for (int k = 0; k < scores[i].length; k++) {
          sums[i][k] += scores[i][k];
          squares[i][k] += scores[i][k] * scores[i][k];
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      for (int k = 0; k < sums[i].length; k++) {
        sums[i][k] /= prompts.size();
        double variance = squares[i][k] / prompts.size() - sums[i][k] * sums[i][k];
        squares[i][k] = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0; // 0 of a constant state
      }
    }
    return new ArrowRouter(domains, settings, layers, sums, squares);
  }

  /** Returns this router with another abstention threshold, from 0 (never abstain) to 1. */
  public ArrowRouter withAbstentionThreshold(double threshold) {
    ArrowSettings changed =
        new ArrowSettings(
            settings.pooling(), settings.directions(), settings.temperature(), threshold);
    return new ArrowRouter(domains, changed, layers, mean, scale);
  }

  @Override
  public ArrowRouter usingDomains(Set<String> wanted) {
    int[] places = domains.places(wanted);
    return new ArrowRouter(
        domains.at(places),
        settings,
        layers.stream().map(layer -> layer.domains(places)).toList(),
        columns(mean, places),
        columns(scale, places));
  }

  private static double[][] columns(double[][] rows, int[] places) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(places).mapToDouble(place -> row[place]).toArray())
        .toArray(double[][]::new);
  }

  @Override
  public List<String> domains() {
    return domains.names();
  }

  @Override
  public List<Integer> states() {
    return layers.stream().map(ArrowPrototypes::state).toList();
  }

  @Override
  public ArrowRouter usingFirstStates(int count) {
    Router.requireStates(this, count);
    return new ArrowRouter(
        domains,
        settings,
        layers.subList(0, count),
        Arrays.copyOf(mean, count),
        Arrays.copyOf(scale, count));
  }

  /** Returns how it reads prompts. */
  public ArrowSettings settings() {
    return settings;
  }

  @Override
  public RoutingDecision route(PromptStates states) {
    double[][] layerScores = rawScores(states);
    List<StateVote> votes = new ArrayList<>();
    for (int i = 0; i < layerScores.length; i++) {
      for (int k = 0; k < layerScores[i].length; k++) {
        layerScores[i][k] = (layerScores[i][k] - mean[i][k]) * scale[i][k];
      }
      layerScores[i] = Probabilities.softmax(layerScores[i], settings.temperature());
      votes.add(new StateVote(layers.get(i).state(), domains.named(layerScores[i])));
    }
    return RoutingDecision.of(
        domains.named(Probabilities.mean(layerScores)), votes, settings.abstentionThreshold());
  }

  private double[][] rawScores(PromptStates prompt) {
    int highest = layers.get(layers.size() - 1).state();
    int width = layers.get(0).hiddenSize(0);
    if (prompt.numStates() <= highest || prompt.hiddenSize() != width) {
      throw new RouterException(
          "The adapters read states up to "
              + highest
              + " of width "
              + width
              + ", but a prompt has "
              + prompt.numStates()
              + " states of width "
              + prompt.hiddenSize()
              + ". Use the base that the adapters were trained on.");
    }
    double[][] scores = new double[layers.size()][];
    for (int i = 0; i < scores.length; i++) {
      int state = layers.get(i).state();
      scores[i] = layers.get(i).scores(settings.pooling().of(prompt, state));
      Probabilities.requireFinite(scores[i], state);
    }
    return scores;
  }
}
