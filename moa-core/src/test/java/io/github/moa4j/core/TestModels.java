package io.github.moa4j.core;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SampleCheckpoints;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.LoraInitialization;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Models to test with, besides the {@link Golden} ones. */
public final class TestModels {

  /** Context of {@link #withTokenizer}. */
  public static final int CONTEXT = 96;

  private TestModels() {}

  /** The path of a test resource. */
  public static Path resource(String name) {
    try {
      return Path.of(TestModels.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Writes a random Llama of two layers with a tokenizer of 4,096 tokens beside it. It writes
   * nonsense, but always the same.
   */
  public static Path withTokenizer(Path directory) {
    String config =
        """
        {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 64,
         "vocab_size": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": false, "max_position_embeddings": %d}
        """
            .formatted(CONTEXT);
    SampleCheckpoints.writeRandom(directory, config, 7);
    for (String file :
        new String[] {"tokenizer.json", "tokenizer_config.json", "generation_config.json"}) {
      try {
        Files.copy(resource("/base-tokenizer/" + file), directory.resolve(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return directory;
  }

  /** An adapter of rank 2 on every map, whose A and B are both random. */
  public static LoraAdapter randomAdapter(BaseModel model, long seed) {
    LoraConfig config = LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class));
    return randomized(LoraInitialization.random(model.config(), config, seed), seed);
  }

  /** Replaces every value of an adapter by a random one. */
  public static LoraAdapter randomized(LoraAdapter adapter, long seed) {
    Random random = new Random(seed);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    adapter
        .tensors()
        .forEach(
            (key, tensor) -> tensors.put(key, SampleCheckpoints.random(random, tensor.shape())));
    return LoraAdapter.of(adapter.config(), tensors);
  }
}
