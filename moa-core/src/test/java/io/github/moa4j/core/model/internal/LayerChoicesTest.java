package io.github.moa4j.core.model.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.Golden;
import io.github.moa4j.core.TestModels;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LayerChoicesTest {

  @Test
  void layersFollowTheirOwnRoutersThroughTheAdaptersChosenBefore() {
    int[] sequence = Golden.LLAMA_GQA.sequences().get(0);
    try (BaseModel model = Golden.LLAMA_GQA.load();
        AppliedLora first = model.load(TestModels.randomAdapter(model, 1));
        AppliedLora second = model.load(TestModels.randomAdapter(model, 2))) {
      int layers = model.config().numHiddenLayers();
      int hidden = model.config().hiddenSize();
      List<AppliedLora> adapters = List.of(first, second);
      float[] bias = new float[layers * 2];
      for (int layer = 0; layer < layers; layer++) {
        bias[2 * layer + layer % 2] = 5; // adapter 0 in even layers, 1 in odd ones
      }
      int width = 2 * hidden; // the mean and, behind it, the last token
      float[] weight = new float[layers * 2 * width];
      for (int i = 0; i < weight.length; i++) {
        weight[i] = 1e-2f * ((i * 7919) % 13 - 6);
      }
      List<Float> shares = new ArrayList<>();
      for (int adapter = 0; adapter < 2; adapter++) {
        for (int layer = 0; layer < layers; layer++) {
          shares.add(layer % 2 == adapter ? 1f : 0f);
        }
      }
      AdapterChoice alternating = new AdapterChoice(adapters, shares, 0);
      PromptStates states =
          model.promptStates(List.of(sequence), Collections.nCopies(1, alternating)).get(0);
      double[][] chosen =
          LayerChoices.of(
              model.unwrap(Decoder.class),
              List.of(sequence),
              adapters,
              HostTensor.of(weight, layers, 2, width),
              HostTensor.of(bias, layers, 2),
              Pooling.MEAN_AND_LAST)[0];
      for (int layer = 0; layer < layers; layer++) {
        double[] scores = new double[2];
        for (int adapter = 0; adapter < 2; adapter++) {
          scores[adapter] = bias[2 * layer + adapter];
          for (int j = 0; j < hidden; j++) {
            int own = (layer * 2 + adapter) * width + j;
            scores[adapter] += weight[own] * states.mean()[layer][j];
            scores[adapter] += weight[own + hidden] * states.last()[layer][j];
          }
        }
        double expected = 1 / (1 + Math.exp(scores[1] - scores[0]));
        assertThat(chosen[layer][0]).isCloseTo(expected, within(1e-4));
        assertThat(chosen[layer][layer % 2]).isGreaterThan(0.5);
      }
    }
  }
}
