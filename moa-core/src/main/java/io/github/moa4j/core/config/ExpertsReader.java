package io.github.moa4j.core.config;

import io.github.moa4j.core.config.DecoderFamily.ExpertDefaults;
import io.github.moa4j.core.config.DecoderFamily.Trait;
import io.github.moa4j.core.files.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Reads from a {@code config.json} which layers have experts, and which. */
record ExpertsReader(JsonObject json, DecoderFamily family, int layerCount) {

  private static final List<String> COUNT = List.of("num_experts", "num_local_experts");

  Experts read(int intermediateSize) {
    if (!family.has(Trait.EXPERTS) || layerCount > ModelConfig.MAX_LAYERS) {
      return Experts.NONE;
    }
    ExpertDefaults defaults = family.experts();
    int count = count(defaults.count());
    List<Boolean> layers = count == 0 ? List.of() : layers();
    if (!layers.contains(true)) {
      return Experts.NONE;
    }
    boolean own = family.has(Trait.DENSE_LAYERS);
    return new Experts(
        count,
        json.positiveInt("num_experts_per_tok", defaults.perToken()),
        own
            ? json.positiveInt("moe_intermediate_size", defaults.intermediateSize())
            : intermediateSize,
        !own || json.bool("norm_topk_prob", false),
        layers,
        defaults.names());
  }

  /** Both spellings of the number are in use; where both stand they must agree. */
  private int count(int absent) {
    List<String> written = COUNT.stream().filter(json::has).toList();
    if (written.isEmpty()) {
      return absent;
    }
    int count = json.integer(written.get(0), 0);
    for (String key : written) {
      if (json.integer(key, 0) != count) {
        throw json.wrong(key, written.get(0) + "'s " + count);
      }
    }
    return family.has(Trait.DENSE_LAYERS) ? count : json.positiveInt(written.get(0));
  }

  private List<Boolean> layers() {
    if (!family.has(Trait.DENSE_LAYERS)) {
      return Collections.nCopies(layerCount, true);
    }
    List<Integer> dense = json.integers("mlp_only_layers", 0);
    int step = json.positiveInt("decoder_sparse_step", 1);
    return IntStream.range(0, layerCount)
        .mapToObj(layer -> !dense.contains(layer) && (layer + 1) % step == 0)
        .toList();
  }
}
