package io.github.moa4j.core.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a row's query attends to does not depend on which of the engine's threads it falls to, or on
 * how many hidden keys its batch reads. Where it does, one value of a million shows it, so these
 * run on two threads whatever the other tests do.
 */
final class RowAttentionTest {

  private static final ScriptSource SOURCE =
      ScriptSource.of(DecoderKernel.class, "decoder.torchscript");

  /** With these, groups of three heads differed in three values. */
  private static final int[] SEEDS = {8, 9};

  /** Values between -3 and 3 as chance would have them, the same on every machine. */
  private static final ScriptSource ROWS =
      new ScriptSource(
          "rows",
          """
          def values(self, shape: List[int], seed: float) -> Tensor:
            n = 1
            for size in shape:
              n = n * size
            at = torch.arange(n, dtype=7, layout=0, device=torch.device("cpu"))
            high = torch.mul(torch.sin(torch.add(torch.mul(at, 12.9898), seed)), 43758.5453)
            x = torch.sub(torch.mul(torch.sub(high, torch.floor(high)), 6.), 3.)
            return torch.to(torch.view(x, shape), 15)

          def differences(self, rows: int, keys: int, hidden: int, seed: float) -> Tensor:
            # of each row beside itself, and of it alone with fewer hidden keys
            q = torch.to(self.values([rows, self.heads, self.head_dim], seed), 6)
            k = self.values([rows, self.kv_heads, keys + hidden, self.head_dim], seed + 1.)
            v = self.values([rows, self.kv_heads, keys + hidden, self.head_dim], seed + 2.)
            shown = torch.zeros([1, 1, 1, keys])
            mask = torch.cat([shown, torch.full([1, 1, 1, hidden], -inf)], 3)
            found = torch.zeros([])
            for i in range(rows):
              q1 = torch.narrow(q, 0, i, 1)
              k1 = torch.narrow(k, 0, i, 1)
              v1 = torch.narrow(v, 0, i, 1)
              y = self.attend_row(torch.cat([q1, q1], 0), torch.cat([k1, k1], 0), torch.cat([v1, v1], 0), mask)
              z = self.attend_row(q1, torch.narrow(k1, 2, 0, keys), torch.narrow(v1, 2, 0, keys), shown)
              differ = torch.logical_or(torch.ne(y[0], z[0]), torch.ne(y[1], z[0]))
              torch.add_(found, torch.sum(torch.to(differ, 6)))
            return found
          """);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1, 0", "3, 0", "7, 0", "3, 50"})
  void aRowIsAsAlone(int group, double scoreCap) throws IOException {
    assumeTrue(ProcessorFeatures.multipliesInt8(), "the processor does not compute in bf16");
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"model_type": "mistral", "hidden_size": 192, "num_hidden_layers": 1,
             "num_attention_heads": %d, "num_key_value_heads": 3, "head_dim": 64,
             "intermediate_size": 384, "vocab_size": 512, "rms_norm_eps": 1e-5,
             "rope_theta": 10000.0, "tie_word_embeddings": false,
             "max_position_embeddings": 1024}
            """
                .formatted(3 * group));
    Map<String, Object> attributes =
        new HashMap<>(DecoderAttributes.of(ModelConfig.read(config), WeightFormat.BF16));
    attributes.put("score_cap", scoreCap);
    try (NDManager manager = PyTorchEngine.newManager();
        TorchScript script = TorchScript.load(manager, SOURCE.and(ROWS), attributes)) {
      float differing = 0;
      JniUtils.setNumThreads(2);
      for (int seed : SEEDS) {
        try (NDManager scope = manager.newSubManager()) {
          differing +=
              script
                  .run(scope, "differences", 64L, 544L, 64L, 10.0 * seed)
                  .singletonOrThrow()
                  .getFloat();
        }
      }
      assertThat(differing).isZero();
    } finally {
      JniUtils.setNumThreads(1); // as this JVM's other tests have it
    }
  }
}
