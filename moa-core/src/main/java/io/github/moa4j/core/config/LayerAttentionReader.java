package io.github.moa4j.core.config;

import io.github.moa4j.core.config.DecoderFamily.Trait;
import io.github.moa4j.core.config.DecoderFamily.Window;
import io.github.moa4j.core.files.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads from a {@code config.json} which layers have a sliding window, and which turn queries and
 * keys.
 */
record LayerAttentionReader(JsonObject json, DecoderFamily family, int layerCount) {

  private static final int DEFAULT_PATTERN = 6;
  private static final int DEFAULT_NO_ROPE_INTERVAL = 4;
  private static final int DEFAULT_WINDOWLESS_LAYERS = 28;
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  /** Returns the window of the layers that have one; 0 if none has. */
  int window() {
    return layers().stream().anyMatch(LayerAttention::windowed) ? configuredWindow() : 0;
  }

  /** Returns how each layer attends. */
  List<LayerAttention> layers() {
    if (layerCount > ModelConfig.MAX_LAYERS) {
      return List.of(); // the model says so
    }
    int window = configuredWindow();
    List<Boolean> windowed = windowed(window);
    List<Boolean> rotated = rotated();
    return IntStream.range(0, layerCount)
        .mapToObj(layer -> new LayerAttention(windowed.get(layer), rotated.get(layer)))
        .map(layer -> checked(layer, window))
        .toList();
  }

  private LayerAttention checked(LayerAttention layer, int window) {
    if (layer.windowed() && window == 0) {
      throw json.unsupported(
          "no sliding window with layers of " + SLIDING,
          "where contexts stay within it, set their layer_types to " + FULL);
    }
    return layer;
  }

  private int configuredWindow() {
    boolean on =
        switch (family.window()) {
          case NONE -> false;
          case EVERY_LAYER, EVEN_LAYERS, ALL_BUT_EVERY_NTH -> true;
          case UPPER_LAYERS, LAYERS_WITHOUT_ROPE, EVERY_LAYER_IF_ON ->
              json.bool("use_sliding_window", false);
        };
    if (!on) {
      return 0;
    }
    return json.keys().contains("sliding_window")
        ? json.positiveInt("sliding_window", 0)
        : family.sizes().slidingWindow();
  }

  private List<Boolean> windowed(int window) {
    if (json.has("layer_types")) {
      List<String> types = json.texts("layer_types");
      if (types.size() != layerCount || !Set.of(FULL, SLIDING).containsAll(types)) {
        throw json.wrong(
            "layer_types",
            "%s or %s for each of the %d layers".formatted(FULL, SLIDING, layerCount));
      }
      List<Boolean> windowed = types.stream().map(SLIDING::equals).toList();
      if (window > 0 && windowed.contains(false) && family.has(Trait.ONE_WINDOW)) {
        throw json.unsupported(
            "a sliding_window of " + window + " with layers of " + FULL,
            "a " + family.modelType() + " model looks back through it in every layer");
      }
      return windowed;
    }
    if (window > 0 && family.window() == Window.LAYERS_WITHOUT_ROPE) {
      return rotated().stream().map(turned -> !turned).toList();
    }
    if (window > 0 && family.window() == Window.EVEN_LAYERS) {
      return allBut(2);
    }
    if (window > 0 && family.window() == Window.ALL_BUT_EVERY_NTH) {
      String key = "sliding_window_pattern";
      return allBut(json.positiveInt(key, json.positiveInt("_" + key, DEFAULT_PATTERN)));
    }
    int first = window == 0 ? layerCount : firstWindowedLayer();
    return IntStream.range(0, layerCount).mapToObj(layer -> layer >= first).toList();
  }

  private List<Boolean> allBut(int interval) {
    return IntStream.range(0, layerCount).mapToObj(layer -> (layer + 1) % interval != 0).toList();
  }

  /** In the files 1 is a layer that is turned, against the name of the key. */
  private List<Boolean> rotated() {
    if (!family.has(Trait.LAYERS_WITHOUT_ROPE)) {
      return Collections.nCopies(layerCount, true);
    }
    if (json.has("no_rope_layers")) {
      List<Integer> turned = json.integers("no_rope_layers", 0);
      if (turned.size() < layerCount) {
        throw json.wrong("no_rope_layers", "0 or 1 for each of the " + layerCount + " layers");
      }
      return turned.subList(0, layerCount).stream().map(layer -> layer != 0).toList();
    }
    return allBut(json.positiveInt("no_rope_layer_interval", DEFAULT_NO_ROPE_INTERVAL));
  }

  private int firstWindowedLayer() {
    if (family.window() == Window.EVERY_LAYER || family.window() == Window.EVERY_LAYER_IF_ON) {
      return 0;
    }
    String key = "max_window_layers";
    return json.has(key) ? json.integer(key, 0) : DEFAULT_WINDOWLESS_LAYERS;
  }
}
