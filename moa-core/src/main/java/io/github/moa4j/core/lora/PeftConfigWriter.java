package io.github.moa4j.core.lora;

import io.github.moa4j.core.files.Json;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code adapter_config.json} with the keys that every PEFT since 0.11 knows. Only what an
 * older PEFT must not pass over is a newer key, and present only where used.
 */
final class PeftConfigWriter {

  private PeftConfigWriter() {}

  static byte[] write(LoraAdapter adapter, String baseModel) {
    LoraConfig config = adapter.config();
    Map<String, Object> json = new TreeMap<>(); // in the order of the alphabet, as PEFT writes them
    Map<String, Object> alphas = new LinkedHashMap<>();
    config.alphaPattern().forEach((key, alpha) -> alphas.put(key, number(alpha)));
    if (!config.aloraInvocationTokens().isEmpty()) {
      json.put("alora_invocation_tokens", config.aloraInvocationTokens());
    }
    json.put("alpha_pattern", alphas);
    json.put("auto_mapping", null);
    json.put("base_model_name_or_path", baseModel);
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.put("layer_replication", null);
    json.put("loftq_config", Map.of());
    if (config.loraBias()) {
      json.put("lora_bias", true);
    }
    json.put("lora_alpha", number(config.loraAlpha()));
    json.put("lora_dropout", config.loraDropout());
    json.put("megatron_config", null);
    json.put("megatron_core", "megatron.core");
    json.put("peft_type", "LORA");
    json.put("r", config.rank());
    json.put("rank_pattern", config.rankPattern());
    json.put("revision", null);
    json.put("task_type", "CAUSAL_LM");
    json.put("use_dora", config.useDora());
    json.put("use_rslora", config.useRslora());
    adapter.targets().write(json);
    byte[] text = Json.pretty(json);
    byte[] line = Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    return line;
  }

  /** PEFT and its readers expect whole alphas as integers. */
  private static Number number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? (Number) (int) value
        : (Number) value;
  }
}
