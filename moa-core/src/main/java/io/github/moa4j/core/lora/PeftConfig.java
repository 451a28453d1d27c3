package io.github.moa4j.core.lora;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code adapter_config.json}. A key is honoured, or known to be without influence on the
 * computation, or empty, or refused by name: an adapter must never run differently from what it was
 * trained as.
 */
final class PeftConfig {

  private static final String ALL_LINEAR = "all-linear";

  /** Keys that are read, and keys that do not change what the adapter computes. */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "r",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "target_modules",
          "layers_to_transform",
          "layers_pattern",
          "rank_pattern",
          "alpha_pattern",
          "alora_invocation_tokens",
          "init_lora_weights",
          "bias",
          "task_type",
          "auto_mapping",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "peft_version",
          "megatron_core",
          "qalora_group_size",
          "eva_config",
          "runtime_config");

  /** Initialisations that leave the base as it is. */
  private static final Set<String> HARMLESS_INITIALISATIONS =
      Set.of("gaussian", "eva", "orthogonal");

  private final PeftJson json;

  private PeftConfig(PeftJson json) {
    this.json = json;
  }

  static PeftConfig read(Path file) {
    PeftConfig config = new PeftConfig(PeftJson.read(file));
    config.refuseUnsupported();
    return config;
  }

  private void refuseUnsupported() {
    String type = json.text("peft_type");
    if (!type.equals("LORA")) {
      throw json.unsupported("peft_type " + type, "only LORA is");
    }
    String bias = json.text("bias", "none");
    if (!bias.equals("none")) {
      throw json.unsupported("bias \"" + bias + "\"", "only \"none\" is");
    }
    refuseInitialisation(json.node("init_lora_weights"));
    refuseLayersPattern(json.node("layers_pattern"));
    if (json.node("target_modules").isTextual() && json.has("layers_to_transform")) {
      throw json.unsupported(
          "layers_to_transform beside a text as target_modules", "PEFT has it with a list only");
    }
    for (Map.Entry<String, JsonNode> entry : json.fields()) {
      if (!KNOWN.contains(entry.getKey()) && !PeftJson.isEmpty(entry.getValue())) {
        throw json.unsupported(entry.getKey() + " = " + entry.getValue(), reason(entry.getKey()));
      }
    }
  }

  private static String reason(String key) {
    return switch (key) {
      case "use_dora" -> "DoRA rescales the base's weights, which a plain LoRA does not";
      case "modules_to_save" -> "it replaces whole modules of the frozen base";
      case "fan_in_fan_out" -> "it is for bases that store their weights transposed";
      case "trainable_token_indices" -> "it changes the frozen base's embedding";
      case "layer_replication" -> "it changes the depth of the frozen base";
      case "lora_bias" -> "B must have no bias";
      default -> "it may change what the adapter computes";
    };
  }

  private void refuseInitialisation(JsonNode value) {
    if (PeftJson.isEmpty(value) || value.isBoolean()) {
      return;
    }
    String name = value.asText().toLowerCase(Locale.ROOT);
    if (!value.isTextual() || !HARMLESS_INITIALISATIONS.contains(name)) {
      throw json.unsupported(
          "init_lora_weights " + value,
          "such an initialisation (PiSSA, OLoRA, CorDA, LoftQ) changes the base's own weights, and"
              + " the adapter does not say how; convert it to a plain LoRA when saving it from PEFT"
              + " (path_initial_model_for_weight_conversion)");
    }
  }

  private void refuseLayersPattern(JsonNode value) {
    for (JsonNode pattern : value.isArray() ? value : List.of(value)) {
      if (!PeftJson.isEmpty(pattern) && !pattern.asText().equals("layers")) {
        throw json.unsupported("layers_pattern " + value, "only \"layers\" is");
      }
    }
  }

  /** The configuration for a model of at least that many layers. */
  LoraConfig toLoraConfig(int depth) {
    Map<String, Integer> rankPattern = new LinkedHashMap<>();
    json.object("rank_pattern", (inner, key) -> rankPattern.put(key, inner.positiveInt(key)));
    Map<String, Double> alphaPattern = new LinkedHashMap<>();
    json.object("alpha_pattern", (inner, key) -> alphaPattern.put(key, inner.number(key)));
    return new LoraConfig(
        json.positiveInt("r"),
        json.number("lora_alpha"),
        json.bool("use_rslora"),
        json.has("lora_dropout") ? json.number("lora_dropout") : 0,
        targetModules(depth),
        rankPattern,
        alphaPattern,
        json.integers("alora_invocation_tokens"));
  }

  private Set<TargetModule> targetModules(int depth) {
    Set<TargetModule> modules = EnumSet.noneOf(TargetModule.class);
    for (TargetModule module : TargetModule.values()) {
      for (int layer = 0; layer < depth; layer++) {
        if (targets(layer, module)) {
          modules.add(module);
        }
      }
    }
    if (modules.isEmpty()) {
      throw json.unsupported(
          "target_modules " + json.node("target_modules"), "it names none of " + names());
    }
    for (String name : targetList()) {
      refuseUnknownTarget(name, depth);
    }
    return modules;
  }

  /** An entry of the list that names nothing would be left out silently. */
  private void refuseUnknownTarget(String name, int depth) {
    for (TargetModule module : TargetModule.values()) {
      for (int layer = 0; layer < depth; layer++) {
        if (ModulePatterns.namedBy(List.of(name), ModulePatterns.path(layer, module))) {
          return;
        }
      }
    }
    throw json.unsupported(
        "the target module " + name,
        "it names none of " + names() + " in the layers 0 to " + (depth - 1) + " of the file");
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (TargetModule module : TargetModule.values()) {
      names.add(module.peftName());
    }
    return names;
  }

  /** The targets, where they are a list of names; else empty. */
  private List<String> targetList() {
    return json.node("target_modules").isArray() ? json.texts("target_modules") : List.of();
  }

  /**
   * Whether PEFT would adapt that module; the rules of its {@code check_target_module_exists}. A
   * single name counts as a list of one, although PEFT takes every text for a regular expression.
   */
  private boolean targets(int layer, TargetModule module) {
    String path = ModulePatterns.path(layer, module);
    if (json.node("target_modules").isArray()) {
      List<String> targets = targetList();
      return targets.contains(path) || (ModulePatterns.namedBy(targets, path) && transforms(layer));
    }
    String target = json.text("target_modules");
    return target.toLowerCase(Locale.ROOT).equals(ALL_LINEAR)
        || ModulePatterns.matchedBy(target, path)
        || ModulePatterns.namedBy(List.of(target), path);
  }

  private boolean transforms(int layer) {
    List<Integer> layers = json.integers("layers_to_transform");
    return layers.isEmpty() || layers.contains(layer);
  }

  /** Checks that the tensors are those of the targets, in the layers up to the last one present. */
  void checkComplete(LoraAdapter adapter, int depth) {
    for (int layer = 0; layer < depth; layer++) {
      for (TargetModule module : TargetModule.values()) {
        boolean present = adapter.loraA(layer, module).isPresent();
        if (present != targets(layer, module)) {
          throw new AdapterException(
              (present ? "it holds tensors of " : "it lacks the tensors of ")
                  + ModulePatterns.path(layer, module)
                  + (present ? ", which is no target" : ", which is a target")
                  + " of its configuration.");
        }
      }
    }
  }
}
