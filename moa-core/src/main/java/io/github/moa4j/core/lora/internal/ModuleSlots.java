package io.github.moa4j.core.lora.internal;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which module of a model stands in which of the places that the kernel's adapters have: the seven
 * of q, k, v, o, gate, up and down, and where the base has experts the three of theirs. Several
 * maps in one stand in the place of the first of them, and the others are empty.
 *
 * @param lora of the adapter, which names experts' maps one by one or as shares of parameters
 */
record ModuleSlots(ModelConfig config, LoraConfig lora) {

  /** Places outside of experts. */
  static final int COUNT = 7;

  /** Maps outside of experts. */
  static final int MAPS = 4;

  private static final int[] OF_MAPS = {3, 1, 2, 1, 2, 1};

  /** Returns the modules of the maps qkv, o, gate-up and down, and of those of experts. */
  List<List<TargetModule>> maps() {
    DecoderLayout layout = DecoderLayout.of(config);
    List<TargetModule> modules = TargetModule.of(config, lora.adaptsParameters());
    return Stream.of(Place.values())
        .filter(Place::isLinear)
        .filter(place -> config.experts().exist() || !place.isOfExperts())
        .map(
            place ->
                modules.stream()
                    .filter(module -> layout.part(module.path()).place() == place)
                    .toList())
        .toList();
  }

  /** Returns the module of each place, nothing in empty ones. */
  List<Optional<TargetModule>> modules() {
    List<Optional<TargetModule>> slots = new ArrayList<>();
    List<List<TargetModule>> maps = maps();
    for (int map = 0; map < maps.size(); map++) {
      for (int i = 0; i < OF_MAPS[map]; i++) {
        List<TargetModule> own = maps.get(map);
        slots.add(i < own.size() ? Optional.of(own.get(i)) : Optional.empty());
      }
    }
    return slots;
  }

  /**
   * Returns how many arrays are stacked in a place: one a layer, or one an expert of each layer.
   */
  int sites(int slot) {
    return config.numHiddenLayers() * (slot < COUNT ? 1 : config.experts().count());
  }

  /** Returns the paths of a module, one a site, whether or not the layer has it. */
  List<String> paths(TargetModule module) {
    int experts = module.isOfExperts() ? config.experts().count() : 1;
    List<String> paths = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (int expert = 0; expert < experts; expert++) {
        paths.add("model.layers." + layer + "." + module.path(expert));
      }
    }
    return paths;
  }
}
