package io.github.moa4j.training.merging;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.router.algebra.internal.SingularValues;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes one adapter of several, which {@link io.github.moa4j.core.lora.PeftFormat} writes like any
 * other. Ranks, scalings and target modules may differ; where only some adapters adapt a map, only
 * they are merged there. The merged adapter has the scaling 1 and one rank: factors of a lower rank
 * are filled up with zeros, as PEFT does, because not every reader knows rank patterns.
 *
 * <p>For N adapters with the ranks' sum R, a map [out, in] takes O((out + in) R² + R³) operations
 * for {@code svd} and O(out · in · R) for TIES and DARE, which also need about six arrays of out ·
 * in doubles.
 */
public final class AdapterMerging {

  private AdapterMerging() {}

  /**
   * Merges adapters.
   *
   * @param adapters at least one, of one base; that their bases agree is checked by shape only
   * @param weights one an adapter, finite; negative ones subtract
   * @param method how
   * @return the merged adapter, in f32, without dropout
   * @throws IllegalArgumentException if there is no adapter, the number of weights is not that of
   *     the adapters, or one is not finite
   * @throws AdapterException if the adapters' shapes or invocation tokens differ, or their ranks
   *     where the method needs equal ones
   */
  public static LoraAdapter merge(
      List<LoraAdapter> adapters, List<Double> weights, MergeMethod method) {
    requireWeights(adapters, weights);
    List<Integer> invocation = invocationTokens(adapters);
    Map<AdaptedMap.Site, FactorPair> merged = new LinkedHashMap<>();
    for (AdaptedMap.Site site : AdaptedMap.sites(adapters)) {
      merged.put(site, merged(AdaptedMap.of(adapters, site), weights, method));
    }
    Set<TargetModule> modules = EnumSet.noneOf(TargetModule.class);
    adapters.forEach(adapter -> modules.addAll(adapter.config().targetModules()));
    return adapter(merged, modules, invocation);
  }

  private static FactorPair merged(AdaptedMap map, List<Double> weights, MergeMethod method) {
    if (method instanceof MergeMethod.Cat) {
      return FactorPair.concatenated(map, weights);
    }
    if (method instanceof MergeMethod.Linear) {
      return FactorPair.summed(map, weights);
    }
    if (method instanceof MergeMethod.Svd svd) {
      return FactorPair.concatenated(map, weights).compressed(svd.rank());
    }
    if (method instanceof MergeMethod.Ties ties) {
      return FactorPair.of(
          SingularValues.greatest(SparseDeltas.ties(map, weights, ties), ties.rank()));
    }
    if (method instanceof MergeMethod.Dare dare) {
      return FactorPair.of(
          SingularValues.greatest(SparseDeltas.dare(map, weights, dare), dare.rank()));
    }
    throw new IllegalStateException("Unknown method " + method); // sealed: cannot happen
  }

  private static LoraAdapter adapter(
      Map<AdaptedMap.Site, FactorPair> merged,
      Set<TargetModule> modules,
      List<Integer> invocation) {
    int rank = merged.values().stream().mapToInt(FactorPair::rank).max().orElse(1);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    merged.forEach(
        (site, factors) -> {
          FactorPair full = factors.padded(rank);
          tensors.put(
              LoraAdapter.key(site.path(), AdapterPart.LORA_A),
              full.right().transposed().toTensor());
          tensors.put(LoraAdapter.key(site.path(), AdapterPart.LORA_B), full.left().toTensor());
        });
    LoraConfig config = LoraConfig.of(rank, rank, modules).withAloraInvocationTokens(invocation);
    return LoraAdapter.of(config, tensors);
  }

  private static void requireWeights(List<LoraAdapter> adapters, List<Double> weights) {
    if (adapters.isEmpty()) {
      throw new IllegalArgumentException("There is no adapter to merge; give at least one.");
    }
    if (weights.size() != adapters.size()) {
      throw new IllegalArgumentException(
          "Merging takes one weight an adapter, but there are "
              + adapters.size()
              + " adapters and "
              + weights.size()
              + " weights.");
    }
    for (double weight : weights) {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("The weights of a merge must be finite: " + weights);
      }
    }
  }

  private static List<Integer> invocationTokens(List<LoraAdapter> adapters) {
    Set<List<Integer>> tokens = new HashSet<>();
    adapters.forEach(adapter -> tokens.add(adapter.config().aloraInvocationTokens()));
    if (tokens.size() > 1) {
      throw new AdapterException(
          "Adapters that apply from different positions on cannot become one: their invocation"
              + " tokens are "
              + tokens
              + ". Merge adapters with the same invocation tokens, or with none.");
    }
    return tokens.iterator().next();
  }
}
