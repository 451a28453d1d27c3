package io.github.moa4j.core.lora.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.Decoder;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlainFactorsTest {

  private static final LoraConfig PATTERNS =
      new LoraConfig(
          4,
          8,
          true,
          0,
          EnumSet.of(
              TargetModule.Q_PROJ,
              TargetModule.K_PROJ,
              TargetModule.V_PROJ,
              TargetModule.UP_PROJ,
              TargetModule.DOWN_PROJ),
          Map.of("k_proj", 3, "layers.1.self_attn.v_proj", 6),
          Map.of("up_proj", 5.0),
          List.of(),
          false,
          false);

  private static LoraAdapter random(BaseModel model, LoraConfig config) {
    Random random = new Random(1);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
      for (TargetModule module : config.targetModules()) {
        boolean patterns = !config.rankPattern().isEmpty();
        int rank = config.rank();
        if (patterns && module == TargetModule.K_PROJ) {
          rank = 3;
        } else if (patterns && module == TargetModule.V_PROJ && layer == 1) {
          rank = 6;
        }
        tensors.put(
            LoraAdapter.key(layer, module, "lora_A"),
            SampleCheckpoints.random(random, new long[] {rank, module.inputSize(model.config())}));
        tensors.put(
            LoraAdapter.key(layer, module, "lora_B"),
            SampleCheckpoints.random(random, new long[] {module.outputSize(model.config()), rank}));
      }
    }
    return LoraAdapter.ofEveryLayer(config, tensors);
  }

  @Test
  void areTheFusedFormOfTheTrainableOnes() {
    try (BaseModel model = Golden.QWEN3_QKNORM.load()) {
      Decoder decoder = model.unwrap(Decoder.class);
      for (LoraConfig config :
          List.of(
              LoraConfig.of(8, 16, TargetModule.outsideOfExperts()),
              LoraConfig.of(1, 2, Set.of(TargetModule.Q_PROJ)),
              PATTERNS)) {
        LoraAdapter adapter = random(model, config);
        try (NDManager scope = decoder.newScope();
            TrainableLora trainable =
                TrainableLora.of(scope, decoder.kernel(), model.config(), adapter);
            FusedLora fused = FusedLora.of(scope, decoder.kernel(), trainable);
            FusedLora straight = decoder.load(adapter)) {
          List<NDArray> expected = fused.tensors().arrays();
          List<NDArray> found = straight.tensors().arrays();
          assertThat(found).hasSameSizeAs(expected);
          for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).getShape()).isEqualTo(expected.get(i).getShape());
            assertThat(found.get(i).toFloatArray()).isEqualTo(expected.get(i).toFloatArray());
          }
          assertThat(model.sizeInBytes(adapter)).isEqualTo(straight.sizeInBytes());
        }
      }
    }
  }
}
