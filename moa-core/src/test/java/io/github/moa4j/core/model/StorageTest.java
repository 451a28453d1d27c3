package io.github.moa4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.Differences;
import io.github.moa4j.core.Golden;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.AppliedLora;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same weights stored or computed with in another way. */
final class StorageTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = Golden.class,
      names = {"LLAMA_GQA", "QWEN2_TIED", "QWEN3_QKNORM"})
  void bf16WeightsComputeInF32AsTheirRoundedValues(Golden golden) {
    assertThat(Differences.relative(stored(golden, DataType.BF16), rounded(golden, DataType.BF16)))
        .isLessThanOrEqualTo(1e-4);
  }

  @ParameterizedTest
  @EnumSource(
      value = Golden.class,
      names = {"LLAMA_GQA", "QWEN2_TIED", "QWEN3_QKNORM"})
  void f16WeightsComputeInF32AsTheirRoundedValues(Golden golden) {
    assertThat(Differences.relative(stored(golden, DataType.F16), rounded(golden, DataType.F16)))
        .isLessThanOrEqualTo(1e-4);
  }

  private float[] stored(Golden golden, DataType type) {
    Path directory = folder.resolve("stored");
    SampleCheckpoints.rewrite(golden.directory(), directory, type, type);
    return logits(golden, directory, WeightFormat.F32);
  }

  private float[] rounded(Golden golden, DataType type) {
    Path directory = folder.resolve("rounded");
    SampleCheckpoints.rewrite(golden.directory(), directory, type, DataType.F32);
    return logits(golden, directory, WeightFormat.F32);
  }

  @ParameterizedTest
  @EnumSource(
      value = Golden.class,
      names = {"LLAMA_GQA", "QWEN2_TIED", "QWEN3_QKNORM"})
  void shardsComputeBitIdentically(Golden golden) {
    Path directory = folder.resolve("shards");
    SampleCheckpoints.shard(golden.directory(), directory, 3);

    assertThat(logits(golden, directory, WeightFormat.F32))
        .containsExactly(logits(golden, golden.directory(), WeightFormat.F32));
  }

  /** The logits of the base and of the adapter, one behind the other. */
  private static float[] logits(Golden golden, Path directory, WeightFormat format) {
    int[] sequence = golden.sequences().get(0);
    try (BaseModel model = BaseModel.load(directory, format);
        AppliedLora adapter = model.load(golden.adapter())) {
      float[] base = Runs.logits(model, sequence, AdapterChoice.base());
      float[] adapted = Runs.logits(model, sequence, AdapterChoice.of(adapter));
      float[] both = new float[2 * base.length];
      System.arraycopy(base, 0, both, 0, base.length);
      System.arraycopy(adapted, 0, both, base.length, base.length);
      return both;
    }
  }
}
