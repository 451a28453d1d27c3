package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.checkpoint.DecoderLayout.Part;
import io.github.moa4j.core.checkpoint.DecoderLayout.Place;
import io.github.moa4j.core.config.Experts;
import io.github.moa4j.core.config.ModelConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Experts as transformers 5 has them in memory, of any family: gate and up of all experts of a
 * layer are one parameter [experts, 2 · width, hidden size], down is another [experts, hidden size,
 * width].
 */
final class ExpertParameters {

  private static final String GATE_UP = "mlp.experts.gate_up_proj";
  private static final String DOWN = "mlp.experts.down_proj";
  private static final String ROUTER = "mlp.gate.weight";

  /**
   * Where a tensor lies if a checkpoint stores the parameters.
   *
   * @param name of the tensor that holds it
   * @param shape of that tensor
   * @param offset elements before it
   */
  record Within(String name, long[] shape, long offset) {}

  private ExpertParameters() {}

  /** One expert's shares, as parts of a layer. */
  static List<Part> shares(ModelConfig config) {
    Experts experts = config.experts();
    int hidden = config.hiddenSize();
    int inner = experts.intermediateSize();
    List<Part> parts = new ArrayList<>();
    for (int expert = 0; expert < experts.count(); expert++) {
      String gateUp = DecoderLayout.share(GATE_UP, expert);
      String down = DecoderLayout.share(DOWN, expert);
      parts.add(new Part(Place.EXPERT_GATE_UP, gateUp, 2 * inner, hidden, false, 1, expert));
      parts.add(new Part(Place.EXPERT_DOWN, down, hidden, inner, false, 1, expert));
    }
    return parts;
  }

  /** The experts' tensors and those that choose among them, by name. */
  static Map<String, Within> within(ModelConfig config, DecoderLayout layout) {
    Map<String, Within> found = new LinkedHashMap<>();
    long count = config.experts().count();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      String prefix = DecoderLayout.LAYERS + layer + ".";
      long before = 0; // of gates and ups, which stand one above the other
      for (Part part : layout.layer(layer)) {
        String name = DecoderLayout.name(layer, part, ".weight");
        long in = part.inputSize();
        long out = part.outputSize();
        if (part.place() == Place.ROUTER) {
          found.put(name, new Within(prefix + ROUTER, new long[] {out, in}, 0));
        } else if (part.place() == Place.EXPERT_GATE_UP) {
          found.put(name, new Within(prefix + GATE_UP, new long[] {count, 2 * out, in}, before));
          before += out * in;
        } else if (part.place() == Place.EXPERT_DOWN) {
          long[] shape = {count, out, in};
          found.put(name, new Within(prefix + DOWN, shape, part.expert() * out * in));
        }
      }
    }
    return found;
  }
}
