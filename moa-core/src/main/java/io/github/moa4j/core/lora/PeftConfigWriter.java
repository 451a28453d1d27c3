package io.github.moa4j.core.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes {@code adapter_config.json} with the keys that every PEFT since 0.11 knows. Only what an
 * older PEFT must not pass over, the invocation tokens, is a newer key, and present only where
 * used.
 */
final class PeftConfigWriter {

  /** The same bytes on every platform: Jackson's own default takes the platform's line end. */
  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

  private final LoraAdapter adapter;
  private final LoraConfig config;
  private final ObjectNode json = PeftJson.MAPPER.createObjectNode();

  private PeftConfigWriter(LoraAdapter adapter) {
    this.adapter = adapter;
    this.config = adapter.config();
  }

  static byte[] write(LoraAdapter adapter, String baseModel) {
    PeftConfigWriter writer = new PeftConfigWriter(adapter);
    writer.fill(baseModel);
    try {
      String text = PeftJson.MAPPER.writer(PRINTER).writeValueAsString(writer.json);
      return (text + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of strings and numbers is always valid JSON.", e);
    }
  }

  /** In the order of the alphabet, as PEFT writes them. */
  private void fill(String baseModel) {
    if (!config.aloraInvocationTokens().isEmpty()) {
      config.aloraInvocationTokens().forEach(json.putArray("alora_invocation_tokens")::add);
    }
    ObjectNode alphas = json.putObject("alpha_pattern");
    config.alphaPattern().forEach((key, alpha) -> putNumber(alphas, key, alpha));
    json.putNull("auto_mapping");
    json.put("base_model_name_or_path", baseModel);
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.putNull("layer_replication");
    json.putNull("layers_pattern");
    json.putNull("layers_to_transform");
    json.putObject("loftq_config");
    putNumber(json, "lora_alpha", config.loraAlpha());
    json.put("lora_dropout", config.loraDropout());
    json.putNull("megatron_config");
    json.put("megatron_core", "megatron.core");
    json.putNull("modules_to_save");
    json.put("peft_type", "LORA");
    json.put("r", config.rank());
    ObjectNode ranks = json.putObject("rank_pattern");
    config.rankPattern().forEach(ranks::put);
    json.putNull("revision");
    fillTargets();
    json.put("task_type", "CAUSAL_LM");
    json.put("use_dora", false);
    json.put("use_rslora", config.useRslora());
  }

  /** PEFT and its readers expect whole alphas as integers. */
  private static void putNumber(ObjectNode node, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      node.put(key, (int) value);
    } else {
      node.put(key, value);
    }
  }

  /**
   * Names the adapted modules so that exactly these are targets again: by module, restricted to
   * layers if some are left out in between, or by their whole paths if the layers differ by module.
   */
  private void fillTargets() {
    Set<Integer> layers = new TreeSet<>();
    Set<TargetModule> modules = new TreeSet<>();
    List<String> paths = new ArrayList<>();
    for (String key : adapter.tensors().keySet()) {
      LoraAdapter.Site site = LoraAdapter.Site.of(key);
      layers.add(site.layer());
      modules.add(site.module());
      if (site.isA()) {
        paths.add(ModulePatterns.path(site.layer(), site.module()));
      }
    }
    ArrayNode targets = json.putArray("target_modules");
    if (paths.size() != layers.size() * modules.size()) {
      paths.forEach(targets::add);
      return;
    }
    modules.forEach(module -> targets.add(module.peftName()));
    int last = layers.stream().mapToInt(layer -> layer).max().orElse(-1);
    if (layers.size() <= last) {
      layers.forEach(json.putArray("layers_to_transform")::add);
    }
  }
}
