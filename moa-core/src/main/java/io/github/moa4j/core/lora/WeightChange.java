package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.DecoderLayout.Part;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.checkpoint.HostTensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an adapter makes of a tensor of its base, row by row, a vector being one row. */
@FunctionalInterface
interface WeightChange {

  /** Changes a row of the base in place. */
  void apply(int row, float[] values);

  private WeightChange then(WeightChange next) {
    return (row, values) -> {
      apply(row, values);
      next.apply(row, values);
    };
  }

  /**
   * Returns the changes of an adapter that fits the base, by the tensor's name.
   *
   * @throws AdapterException if it is more than a change of weights that the base has
   */
  static Map<String, WeightChange> of(LoraAdapter adapter, Checkpoint base) {
    if (!adapter.config().aloraInvocationTokens().isEmpty()) {
      throw new AdapterException(
          "The adapter acts from its invocation tokens on (alora_invocation_tokens), so no weights"
              + " can stand for it. Serve it beside the base.");
    }
    DecoderLayout layout = DecoderLayout.of(base.config());
    Map<String, WeightChange> changes = new HashMap<>();
    for (String path : List.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD)) {
      addVocabulary(adapter, path, base, changes);
    }
    for (int layer = 0; layer < base.config().numHiddenLayers(); layer++) {
      int gateRows = 0; // of the expert's gate, above its up
      for (Part part : layout.layer(layer)) {
        String prefix = "model.layers." + layer + ".";
        if (part.place().isLinear()) {
          add(adapter, prefix + part.path(), prefix + part.path(), 0, part, changes);
        }
        if (part.place().isOfExperts()) {
          boolean isDown = part.place() == Place.EXPERT_DOWN;
          String parameter = "mlp.experts." + (isDown ? "down_proj" : "gate_up_proj");
          String share = prefix + DecoderLayout.share(parameter, part.expert());
          add(adapter, prefix + part.path(), share, isDown ? 0 : gateRows, part, changes);
          gateRows = isDown ? 0 : gateRows + part.outputSize();
        }
      }
    }
    refuseOthers(adapter, base, changes);
    return changes;
  }

  /**
   * Adds what an adapter does to a linear map.
   *
   * @param stored the path of the map in the checkpoint
   * @param adapted its path in the adapter, or of a parameter that it lies in
   * @param from the row there that it begins with
   */
  private static void add(
      LoraAdapter adapter,
      String stored,
      String adapted,
      int from,
      Part part,
      Map<String, WeightChange> changes) {
    WeightChange change = (row, values) -> {};
    if (adapter.rankOf(adapted) > 0) {
      change = change.then(product(adapter, adapted, from, part.inputSize()));
    }
    if (adapter.part(adapted, AdapterPart.MAGNITUDE).isPresent()) {
      change = change.then(magnitude(values(adapter, adapted, AdapterPart.MAGNITUDE), from));
    }
    if (adapter.rankOf(adapted) > 0) {
      changes.merge(stored + ".weight", change, WeightChange::then);
    }
    if (adapter.part(adapted, AdapterPart.BIAS).isPresent()) {
      changes.put(stored + ".bias", replaced(values(adapter, adapted, AdapterPart.BIAS)));
    }
    if (adapter.part(adapted, AdapterPart.LORA_BIAS).isPresent()) {
      float scaling = (float) adapter.scaling(adapted);
      float[] bias = values(adapter, adapted, AdapterPart.LORA_BIAS);
      changes.merge(
          stored + ".bias",
          (row, values) -> addScaled(scaling, bias, 0, values),
          WeightChange::then);
    }
  }

  private static void addVocabulary(
      LoraAdapter adapter, String path, Checkpoint base, Map<String, WeightChange> changes) {
    boolean isEmbedding = path.equals(LoraAdapter.EMBEDDING);
    int hidden = base.config().hiddenSize();
    WeightChange change = (row, values) -> {};
    boolean some = false;
    if (adapter.part(path, AdapterPart.WEIGHT).isPresent()) {
      float[] weight = values(adapter, path, AdapterPart.WEIGHT);
      change = (row, values) -> System.arraycopy(weight, row * hidden, values, 0, hidden);
      some = true;
    }
    if (adapter.part(path, AdapterPart.TOKENS).isPresent()) {
      float[] rows = values(adapter, path, AdapterPart.TOKENS);
      Map<Integer, Integer> places = new HashMap<>();
      adapter.tokens(path).forEach(token -> places.put(token, places.size()));
      change =
          change.then(
              (row, values) -> {
                if (places.containsKey(row)) {
                  System.arraycopy(rows, places.get(row) * hidden, values, 0, hidden);
                }
              });
      some = true;
    }
    if (adapter.part(path, AdapterPart.LORA_A).isPresent()) {
      change =
          change.then(
              isEmbedding
                  ? tokenProduct(adapter, path, base.config().vocabSize())
                  : product(adapter, path, 0, hidden));
      some = true;
    }
    if (some) {
      if (base.config().tieWordEmbeddings()) {
        throw new AdapterException(
            "The adapter changes "
                + path
                + ", which the base ties to "
                + (isEmbedding ? LoraAdapter.HEAD : LoraAdapter.EMBEDDING)
                + ": one matrix cannot be both. Serve it beside the base, or untie them first.");
      }
      changes.put(path + ".weight", change);
    }
  }

  /** (α / r) B A. */
  private static WeightChange product(LoraAdapter adapter, String path, int from, int in) {
    float[] a = values(adapter, path, AdapterPart.LORA_A);
    float[] b = values(adapter, path, AdapterPart.LORA_B);
    int rank = adapter.rankOf(path);
    float scaling = (float) adapter.scaling(path);
    return (row, values) -> {
      float[] sum = new float[in];
      for (int r = 0; r < rank; r++) {
        addScaled(b[(from + row) * rank + r], a, r * in, sum);
      }
      addScaled(scaling, sum, 0, values);
    };
  }

  /** The same of the embedding, whose A has a column and not a row for each token. */
  private static WeightChange tokenProduct(LoraAdapter adapter, String path, int vocabulary) {
    float[] a = values(adapter, path, AdapterPart.LORA_A);
    float[] b = values(adapter, path, AdapterPart.LORA_B);
    int rank = a.length / vocabulary;
    float scaling = (float) adapter.scaling(path);
    return (row, values) -> {
      for (int i = 0; i < values.length; i++) {
        float sum = 0;
        for (int r = 0; r < rank; r++) {
          sum += a[r * vocabulary + row] * b[i * rank + r];
        }
        values[i] += scaling * sum;
      }
    };
  }

  /** Gives each row its length (DoRA; Liu et al., 2024, equation 5). */
  private static WeightChange magnitude(float[] lengths, int from) {
    return (row, values) -> {
      double squares = 0;
      for (float value : values) {
        squares += (double) value * value;
      }
      float factor = (float) (lengths[from + row] / Math.sqrt(squares));
      for (int i = 0; i < values.length; i++) {
        values[i] *= factor;
      }
    };
  }

  private static WeightChange replaced(float[] vector) {
    return (row, values) -> System.arraycopy(vector, 0, values, 0, values.length);
  }

  private static void addScaled(float factor, float[] from, int offset, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * from[offset + i];
    }
  }

  private static float[] values(LoraAdapter adapter, String path, AdapterPart part) {
    return adapter.part(path, part).map(HostTensor::toFloatArray).orElseThrow();
  }

  private static void refuseOthers(
      LoraAdapter adapter, Checkpoint base, Map<String, WeightChange> changes) {
    for (AdapterKey key : adapter.parts().keySet()) {
      boolean vocabulary = key.isVocabulary();
      if (vocabulary && Set.of(AdapterPart.MAGNITUDE, AdapterPart.LORA_BIAS).contains(key.part())) {
        throw new AdapterException(
            "The adapter cannot be merged into a base: it holds "
                + key.part().suffix()
                + " of "
                + key.path()
                + ". Serve it beside the base.");
      }
    }
    Set<String> missing = new HashSet<>(changes.keySet());
    missing.removeAll(base.names());
    if (!missing.isEmpty()) {
      throw new AdapterException(
          "The adapter changes "
              + missing.stream().sorted().findFirst().orElseThrow()
              + ", which the base does not have, so it cannot be merged. Serve it beside the base.");
    }
  }
}
