package io.github.moa4j.core.lora.internal;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.lora.TargetModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which module of a model stands in which of the seven places that the kernel's adapters have:
 * those of q, k, v, o, gate, up and down. Several maps in one stand in the place of the first of
 * them, and the others are empty.
 */
record ModuleSlots(ModelConfig config) {

  static final int COUNT = 7;

  private static final int[] OF_MAPS = {3, 1, 2, 1};

  /** Returns the modules of the maps qkv, o, gate-up and down. */
  List<List<TargetModule>> maps() {
    DecoderLayout layout = DecoderLayout.of(config);
    return Stream.of(Place.values())
        .filter(Place::isLinear)
        .map(
            place ->
                TargetModule.of(config).stream()
                    .filter(module -> layout.part(module.path()).place() == place)
                    .toList())
        .toList();
  }

  /** Returns the module of each place, nothing in empty ones. */
  List<Optional<TargetModule>> modules() {
    List<Optional<TargetModule>> slots = new ArrayList<>();
    List<List<TargetModule>> maps = maps();
    for (int map = 0; map < OF_MAPS.length; map++) {
      for (int i = 0; i < OF_MAPS[map]; i++) {
        List<TargetModule> own = maps.get(map);
        slots.add(i < own.size() ? Optional.of(own.get(i)) : Optional.empty());
      }
    }
    return slots;
  }

  /** Returns the place of a module. */
  int of(TargetModule module) {
    return modules().indexOf(Optional.of(module));
  }
}
