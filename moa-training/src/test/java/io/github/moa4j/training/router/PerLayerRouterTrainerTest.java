package io.github.moa4j.training.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.layerwise.internal.PerLayerPass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PerLayerRouterTrainerTest {

  private static final LayerwiseRouterSettings SETTINGS = LayerwiseRouterSettings.defaults();

  @Test
  void routersTrainedOnTheirOwnChoicesReadWhatThoseLeadTo() {
    Path base = Path.of("../moa-core/src/test/resources/golden/llama-gqa");
    try (BaseModel model = BaseModel.load(base, WeightFormat.F32);
        AppliedLora low = model.load(random(model, 1));
        AppliedLora high = model.load(random(model, 2))) {
      Map<String, AppliedLora> experts = new LinkedHashMap<>();
      experts.put("low", low);
      experts.put("high", high);
      Map<String, List<int[]>> prompts = new LinkedHashMap<>();
      prompts.put("low", prompts(3, 250, 48, 1));
      prompts.put("high", prompts(250, 500, 48, 2));

      LayerwiseRouter router =
          new PerLayerRouterTrainer(model, SETTINGS, 2).train(prompts, experts);

      assertThat(router.domains()).containsExactly("low", "high");
      LayerwiseRouter ofBaseStates =
          new LayerwiseRouterTrainer(SETTINGS)
              .train(
                  Map.of(
                      "low", model.promptStates(prompts.get("low")),
                      "high", model.promptStates(prompts.get("high"))));
      assertThat(rightLayers(model, router, experts))
          .isGreaterThan(rightLayers(model, ofBaseStates, experts));
    }
  }

  /** The number of layers that choose the right domain of unseen prompts. */
  private static int rightLayers(
      BaseModel model, LayerwiseRouter router, Map<String, AppliedLora> experts) {
    PerLayerPass routing = new PerLayerPass(model, router, experts);
    int right = 0;
    for (double[][] layers : routing.probabilities(prompts(3, 250, 64, 3))) {
      for (double[] layer : layers) {
        right += layer[0] > layer[1] ? 1 : 0;
      }
    }
    for (double[][] layers : routing.probabilities(prompts(250, 500, 64, 4))) {
      for (double[] layer : layers) {
        right += layer[1] > layer[0] ? 1 : 0;
      }
    }
    return right;
  }

  private static List<int[]> prompts(int from, int to, int count, long seed) {
    Random random = new Random(seed);
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(random.ints(6 + random.nextInt(10), from, to).toArray());
    }
    return prompts;
  }

  /** An adapter that changes every state. */
  private static LoraAdapter random(BaseModel model, long seed) {
    LoraConfig lora = LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class));
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    LoraInitialization.random(model.config(), lora, seed)
        .tensors()
        .forEach(
            (key, tensor) -> {
              float[] values = new float[tensor.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.5 * random.nextGaussian());
              }
              tensors.put(key, HostTensor.of(values, tensor.shape()));
            });
    return LoraAdapter.of(lora, tensors);
  }
}
