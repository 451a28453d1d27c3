package io.github.moa4j.training.merging;

import io.github.moa4j.core.lora.LoraAdapter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much adapters of one base pull at the same weights, from their factors alone.
 *
 * <p>With the small Gram matrices BᵀB and AAᵀ of all adapters' factors, {@code <D_i, D_j> = s_i s_j
 * Σ (B_iᵀB_j) ∘ (A_iA_jᵀ)}, and the cosines of the principal angles between two spaces are the
 * singular values of the product of their orthonormal bases, which are the factors times the
 * inverse roots of their own Gram matrices. For N adapters with the ranks' sum R, a map [out, in]
 * takes O((out + in) R² + R³) operations; no delta is formed.
 *
 * @param names of the adapters, in the order of the matrices
 * @param overall over all layers
 * @param layers of each single layer that any of the adapters adapts, ascending
 */
public record AdapterInterference(
    List<String> names, AdapterSimilarity overall, SortedMap<Integer, AdapterSimilarity> layers) {

  /** Copies the lists. */
  public AdapterInterference {
    names = List.copyOf(names);
    layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
  }

  /**
   * Measures every pair.
   *
   * @param adapters at least one, by name; their order is kept
   * @throws IllegalArgumentException if there is no adapter
   * @throws io.github.moa4j.core.lora.AdapterException if their shapes differ
   */
  public static AdapterInterference between(Map<String, LoraAdapter> adapters) {
    if (adapters.isEmpty()) {
      throw new IllegalArgumentException("There is no adapter to compare; give at least one.");
    }
    List<LoraAdapter> values = List.copyOf(adapters.values());
    PairSums overall = new PairSums(values.size());
    SortedMap<Integer, PairSums> layers = new TreeMap<>();
    for (AdaptedMap.Site site : AdaptedMap.sites(values)) {
      MapSimilarity map = MapSimilarity.of(AdaptedMap.of(values, site));
      overall.add(map);
      layers.computeIfAbsent(site.layer(), layer -> new PairSums(values.size())).add(map);
    }
    SortedMap<Integer, AdapterSimilarity> similarities = new TreeMap<>();
    layers.forEach((layer, sums) -> similarities.put(layer, sums.similarity()));
    return new AdapterInterference(
        new ArrayList<>(adapters.keySet()), overall.similarity(), similarities);
  }
}
