package io.github.moa4j.training.merging;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.router.algebra.internal.Matrix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What several adapters do to one linear map. Adapters that leave the map alone have no part.
 *
 * @param site the map
 * @param parts of the adapters that adapt it, in their order; at least one
 */
record AdaptedMap(Site site, List<Part> parts) {

  /**
   * One of the linear maps in one layer.
   *
   * @param path in the base, such as {@code model.layers.0.self_attn.q_proj}
   */
  record Site(String path) {

    private static final String LAYERS = "model.layers.";

    int layer() {
      return Integer.parseInt(
          path.substring(LAYERS.length(), path.length() - below().length() - 1));
    }

    /** Returns the path below the layer. */
    String below() {
      return path.substring(path.indexOf('.', LAYERS.length()) + 1);
    }

    @Override
    public String toString() {
      return path.substring("model.".length());
    }
  }

  /**
   * The factors of one adapter: its delta is scaling · left · rightᵀ.
   *
   * @param adapter position of the adapter in the list
   * @param scaling α / r or α / √r
   * @param left B, [out, rank]
   * @param right Aᵀ, [in, rank]
   */
  record Part(int adapter, double scaling, Matrix left, Matrix right) {
    int rank() {
      return left.columns();
    }

    /** Returns the delta, [out, in]. */
    Matrix delta() {
      return left.times(right.times(scaling).transposed());
    }
  }

  int outputSize() {
    return parts.get(0).left.rows();
  }

  int inputSize() {
    return parts.get(0).right.rows();
  }

  /**
   * Returns the maps that at least one of the adapters adapts, those of the first by layer and
   * module.
   *
   * @throws AdapterException if an adapter is more than A and B of such maps, or some adapters name
   *     a base's experts one by one and others as parameters
   */
  static List<Site> sites(List<LoraAdapter> adapters) {
    requireOneForm(adapters);
    Set<String> paths = new LinkedHashSet<>();
    for (LoraAdapter adapter : adapters) {
      adapter.requirePlain("be merged or compared");
      paths.addAll(adapter.adaptedPaths());
    }
    return paths.stream().map(Site::new).toList();
  }

  /** The two ways to name the same map would pass for two maps. */
  private static void requireOneForm(List<LoraAdapter> adapters) {
    List<TargetModule> ofExperts =
        adapters.stream()
            .flatMap(adapter -> adapter.config().targetModules().stream())
            .filter(TargetModule::isOfExperts)
            .distinct()
            .toList();
    if (ofExperts.stream().map(TargetModule::isOfParameter).distinct().count() > 1) {
      throw new AdapterException(
          "Some adapters adapt experts map by map and others as parameters (target_parameters): "
              + ofExperts
              + ". Merge or compare adapters of one form.");
    }
  }

  /**
   * Copies the factors of one map.
   *
   * @throws AdapterException if the adapters disagree on the map's widths
   */
  static AdaptedMap of(List<LoraAdapter> adapters, Site site) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < adapters.size(); i++) {
      LoraAdapter adapter = adapters.get(i);
      HostTensor a = adapter.part(site.path, AdapterPart.LORA_A).orElse(null);
      HostTensor b = adapter.part(site.path, AdapterPart.LORA_B).orElse(null);
      if (a != null && b != null) {
        double scaling = adapter.scaling(site.path);
        parts.add(new Part(i, scaling, Matrix.of(b), Matrix.of(a).transposed()));
      }
    }
    AdaptedMap map = new AdaptedMap(site, List.copyOf(parts));
    parts.forEach(map::requireWidths);
    return map;
  }

  private void requireWidths(Part part) {
    if (part.left.rows() != outputSize() || part.right.rows() != inputSize()) {
      throw new AdapterException(
          "The adapters belong to different bases: in "
              + site
              + " number "
              + (parts.get(0).adapter + 1)
              + " maps "
              + inputSize()
              + " to "
              + outputSize()
              + " values, number "
              + (part.adapter + 1)
              + " "
              + part.right.rows()
              + " to "
              + part.left.rows()
              + ". Merge or compare adapters of one base.");
    }
  }
}
