package io.github.moa4j.examples.study.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * Small valid files of every kind: a base of two layers, the same in shards, an adapter, a router,
 * statistics, a mixture and tokenizers. Each is as its format describes it, so that a change of the
 * library's writers does not change them.
 */
final class Originals {

  static final String FINGERPRINT = "0".repeat(62) + "aa";

  private static final String MODEL = "model.safetensors";
  private static final List<String> RESOURCES =
      List.of(
          "base/config.json",
          "base/generation_config.json",
          "base/tokenizer_config.json",
          "base/tokenizer.json",
          "adapter/adapter_config.json",
          "mixture/moa.json",
          "provenance/provenance.json",
          "layerwise/router.json",
          "examples/train.jsonl",
          "tokenizer-sentencepiece/tokenizer.json",
          "tokenizer-wordpiece/tokenizer.json",
          "tokenizer-unigram/tokenizer.json");

  private Originals() {}

  /** Writes all of them below a folder, over what may be there. */
  static void write(Path root) throws IOException {
    for (String resource : RESOURCES) {
      Path file = root.resolve(resource);
      Files.createDirectories(file.getParent());
      try (InputStream in = Originals.class.getResourceAsStream(resource)) {
        Files.write(file, in.readAllBytes());
      }
    }
    Path base = root.resolve("base");
    write(
        base.resolve(MODEL),
        layers(layers(embedding(), 0), 1).tensor("model.norm.weight", "bf16", 8));
    writeShards(base, Files.createDirectories(root.resolve("sharded")));
    write(root.resolve("adapter/adapter_model.safetensors"), adapter());
    write(root.resolve("layerwise/router.safetensors"), router());
    write(
        Files.createDirectories(root.resolve("statistics"))
            .resolve("router_statistics.safetensors"),
        statistics());
    for (String version : List.of("adapters/cron/v0002", "adapters/shell/v0001", "router/v0001")) {
      Files.createDirectories(root.resolve("mixture").resolve(version));
    }
  }

  private static void write(Path file, SafetensorsBytes.Builder tensors) throws IOException {
    Files.write(file, tensors.build().bytes());
  }

  private static SafetensorsBytes.Builder embedding() {
    return new SafetensorsBytes.Builder()
        .metadata(Map.of("format", "pt"))
        .tensor("model.embed_tokens.weight", "bf16", 32, 8);
  }

  private static SafetensorsBytes.Builder layers(SafetensorsBytes.Builder tensors, int layer) {
    String prefix = "model.layers." + layer + ".";
    return tensors
        .tensor(prefix + "input_layernorm.weight", "bf16", 8)
        .tensor(prefix + "self_attn.q_proj.weight", "bf16", 8, 8)
        .tensor(prefix + "self_attn.k_proj.weight", "f16", 4, 8)
        .tensor(prefix + "self_attn.v_proj.weight", "f32", 4, 8)
        .tensor(prefix + "self_attn.o_proj.weight", "bf16", 8, 8)
        .tensor(prefix + "post_attention_layernorm.weight", "bf16", 8)
        .tensor(prefix + "mlp.gate_proj.weight", "bf16", 16, 8)
        .tensor(prefix + "mlp.up_proj.weight", "bf16", 16, 8)
        .tensor(prefix + "mlp.down_proj.weight", "bf16", 8, 16);
  }

  /** The same base in two files, with an index that names every tensor. */
  private static void writeShards(Path base, Path target) throws IOException {
    String first = "model-00001-of-00002.safetensors";
    String second = "model-00002-of-00002.safetensors";
    SafetensorsBytes head = layers(embedding(), 0).build();
    SafetensorsBytes tail =
        layers(new SafetensorsBytes.Builder(), 1).tensor("model.norm.weight", "bf16", 8).build();
    Files.copy(
        base.resolve("config.json"),
        target.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.write(target.resolve(first), head.bytes());
    Files.write(target.resolve(second), tail.bytes());
    Files.write(
        target.resolve(MODEL + ".index.json"),
        SafetensorsBytes.index(Map.of(first, head, second, tail)));
  }

  private static SafetensorsBytes.Builder adapter() {
    SafetensorsBytes.Builder tensors =
        new SafetensorsBytes.Builder().metadata(Map.of("format", "pt"));
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "base_model.model.model.layers." + layer + ".";
      int rank = layer == 0 ? 2 : 1; // as the pattern of adapter_config.json says
      tensors
          .tensor(prefix + "self_attn.q_proj.lora_A.weight", "f32", 2, 8)
          .tensor(prefix + "self_attn.q_proj.lora_B.weight", "f32", 8, 2)
          .tensor(prefix + "mlp.down_proj.lora_A.weight", "bf16", rank, 16)
          .tensor(prefix + "mlp.down_proj.lora_B.weight", "f16", 8, rank);
    }
    return tensors;
  }

  private static SafetensorsBytes.Builder router() {
    SafetensorsBytes.Builder tensors = new SafetensorsBytes.Builder();
    for (int state : List.of(0, 2)) {
      tensors
          .tensor("states." + state + ".weight", "f32", 2, 4)
          .tensor("states." + state + ".bias", "f32", 2);
    }
    return tensors;
  }

  private static SafetensorsBytes.Builder statistics() {
    SafetensorsBytes.Builder tensors =
        new SafetensorsBytes.Builder()
            .metadata(
                Map.of(
                    "kind", "moa4j-router-statistics",
                    "format_version", "1",
                    "base_fingerprint", FINGERPRINT,
                    "domain", "cron",
                    "pooling", "mean",
                    "states", "0,2",
                    "count", "20"));
    for (int state : List.of(0, 2)) {
      String prefix = "states." + state + ".";
      tensors
          .tensor(prefix + "sum", "f64", 4)
          .tensor(prefix + "gram", "f64", 10)
          .tensor(prefix + "held_out", "f32", 2, 4);
    }
    return tensors;
  }
}
