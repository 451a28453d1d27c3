package io.github.moa4j.core;

import io.github.moa4j.core.checkpoint.SafetensorsFile;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.internal.AnswerTargets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Small random checkpoints with reference outputs of an independent implementation in f32. */
public enum Golden {
  /** Grouped-query attention, own output projection. */
  LLAMA_GQA("llama-gqa"),
  /** Biases on q, k and v, tied embeddings. */
  QWEN2_TIED("qwen2-tied"),
  /** Norms on queries and keys, heads wider than hidden / heads. */
  QWEN3_QKNORM("qwen3-qknorm"),
  /** Scaled rotary frequencies, one key/value head. */
  LLAMA3_ROPE("llama3-rope"),
  /** Low frequencies divided, by the old spelling. */
  QWEN2_YARN("qwen2-yarn"),
  /** The same by {@code rope_parameters}. */
  QWEN3_YARN("qwen3-yarn-rope-parameters"),
  /** A divisor for each frequency, other ones for long sequences. */
  LLAMA_LONGROPE("llama-longrope"),
  /** A base that grows with the sequence. */
  LLAMA_DYNAMIC("llama-dynamic"),
  /** An adapter with DoRA's magnitudes. */
  LLAMA_DORA("llama-dora"),
  /** An adapter whose B has a bias. */
  QWEN2_LORA_BIAS("qwen2-lora-bias"),
  /** Multiplied embeddings, scores, residuals and logits. */
  GRANITE_MULTIPLIERS("granite-multipliers"),
  /** Layers that do not turn queries and keys, stored in bf16. */
  SMOLLM3_NOPE("smollm3-nope"),
  /** A window on some layers, by the newer spelling. */
  MINISTRAL_LAYERTYPES("ministral-layertypes"),
  /** Fused maps on disk and in the adapter, a window on every layer, a part of each head turned. */
  PHI3_FUSED("phi3-fused"),
  /** Norms after both halves of a layer, and over whole rows of queries and keys. */
  OLMO2_POSTNORM("olmo2-postnorm"),
  /** Four norms around one, bounds, windows on even layers. */
  GEMMA2_SOFTCAP("gemma2-softcap"),
  /** Norms of queries and keys, two thetas, stored in bf16. */
  GEMMA3_WINDOWS("gemma3-windows"),
  /** Experts in every layer. */
  MIXTRAL_TOP2("mixtral-top2"),
  /** Experts in some layers, stored in bf16. */
  QWEN3MOE_TOP2("qwen3moe-top2"),
  /** An adapter of the experts, computed by transformers and PEFT as are the next. */
  MIXTRAL_EXPERT_LORA("mixtral-expert-lora"),
  /** The same, beside a layer without experts. */
  QWEN3MOE_EXPERT_LORA("qwen3moe-expert-lora"),
  /** An adapter of the parameters that hold all experts of a layer, with ranks by pattern. */
  MIXTRAL_PARAMETER_LORA("mixtral-parameter-lora"),
  /** The same with rsLoRA, beside a layer without experts. */
  QWEN3MOE_PARAMETER_LORA("qwen3moe-parameter-lora");

  /** Sequences in the reference batch. */
  public static final int ROWS = 2;

  /** Tokens of each sequence. */
  public static final int LENGTH = 24;

  private static final long NO_LOSS = -100;

  private final String folder;

  Golden(String folder) {
    this.folder = folder;
  }

  /**
   * Whether tokens choose experts: where rounding changes a choice, it changes the logits a lot.
   */
  public boolean hasExperts() {
    return ModelConfig.read(directory().resolve("config.json")).experts().exist();
  }

  /** The checkpoint's directory. */
  public Path directory() {
    return TestModels.resource("/golden/" + folder);
  }

  /** Loads the checkpoint, to compute in f32. */
  public BaseModel load() {
    return BaseModel.load(directory(), WeightFormat.F32);
  }

  /** The adapter that the reference outputs were computed with. */
  public LoraAdapter adapter() {
    return PeftFormat.read(directory().resolve("adapter"));
  }

  /** A reference tensor of floats. */
  public float[] floats(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(directory().resolve("golden.safetensors"))) {
      return file.tensor(name).toFloatArray();
    }
  }

  /** A reference tensor of integers. */
  public long[] longs(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(directory().resolve("golden.safetensors"))) {
      return file.tensor(name).toLongArray();
    }
  }

  /** The two sequences of the reference batch. */
  public List<int[]> sequences() {
    int[] ids = LongStream.of(longs("input_ids")).mapToInt(Math::toIntExact).toArray();
    List<int[]> rows = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      rows.add(Arrays.copyOfRange(ids, row * LENGTH, (row + 1) * LENGTH));
    }
    return rows;
  }

  /** Whether there are reference losses and gradients. */
  public boolean hasLosses() {
    try (SafetensorsFile file = SafetensorsFile.open(directory().resolve("golden.safetensors"))) {
      return file.names().contains("labels");
    }
  }

  /** The tokens under the reference loss: of each row those with a label, predicted one before. */
  public AnswerTargets targets() {
    long[] labels = longs("labels");
    long[] targets =
        LongStream.range(0, labels.length)
            .filter(i -> i % LENGTH > 0 && labels[(int) i] != NO_LOSS)
            .toArray();
    return new AnswerTargets(
        LongStream.of(targets).map(i -> i - 1).toArray(),
        LongStream.of(targets).map(i -> labels[(int) i]).toArray());
  }
}
