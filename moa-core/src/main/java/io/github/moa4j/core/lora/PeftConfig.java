package io.github.moa4j.core.lora;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads {@code adapter_config.json}. A key is honoured, or known to be without influence on the
 * computation, or empty, or refused by name: an adapter must never run differently from what it was
 * trained as.
 */
final class PeftConfig {

  /** Keys that are read, and keys that do not change what the adapter computes. */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "r",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "target_modules",
          "target_parameters",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "rank_pattern",
          "alpha_pattern",
          "alora_invocation_tokens",
          "init_lora_weights",
          "bias",
          "use_dora",
          "lora_bias",
          "modules_to_save",
          "trainable_token_indices",
          "ensure_weight_tying",
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

  private static final int MAX_PATTERNS = 10_000;
  private static final Pattern LAYER = Pattern.compile("^(((model\\.)?layers\\.)?\\d{1,4}\\.)");

  private final JsonObject json;
  private final PeftTargets targets;

  private PeftConfig(JsonObject json) {
    this.json = json;
    refuseUnsupported();
    this.targets = PeftTargets.read(json);
    if (targets.modules() instanceof String && !targets.layers().isEmpty()) {
      throw json.unsupported(
          "layers_to_transform beside a text as target_modules", "PEFT has it with a list only");
    }
    targets.parameters().forEach(this::requireExperts);
    targets.saved().forEach(name -> requireVocabulary("modules_to_save", name));
    targets.tokens().keySet().forEach(name -> requireVocabulary("trainable_token_indices", name));
  }

  private void requireVocabulary(String key, String name) {
    if (!PeftTargets.means(name, LoraAdapter.HEAD)
        && !PeftTargets.means(name, LoraAdapter.EMBEDDING)) {
      throw json.unsupported(
          Failure.quote(name) + " in " + key, "only lm_head and embed_tokens can be replaced");
    }
  }

  /** Of parameters PEFT adapts any; known are those of experts, whatever layer they name. */
  private void requireExperts(String name) {
    boolean known =
        Stream.of(TargetModule.EXPERTS_GATE_UP_PROJ, TargetModule.EXPERTS_DOWN_PROJ)
            .map(TargetModule::parameterPath)
            .anyMatch(
                path ->
                    PeftTargets.means(name, path)
                        || LAYER.matcher(name).replaceFirst("").equals(path));
    if (!known) {
      throw json.unsupported(
          Failure.quote(name) + " in target_parameters",
          "of parameters only mlp.experts.gate_up_proj and mlp.experts.down_proj are adapted; the"
              + " matrix of a linear map is a target module, and what chooses among a base's experts"
              + " belongs to the base");
    }
  }

  static PeftConfig read(Path file) {
    return new PeftConfig(JsonObject.read(file, AdapterException::new));
  }

  private void refuseUnsupported() {
    String type = json.text("peft_type");
    if (!type.equals("LORA")) {
      throw json.unsupported("peft_type " + Failure.quote(type), "only LORA is");
    }
    refuseInitialisation(json.any("init_lora_weights"));
    for (String key : json.keys()) {
      if (!KNOWN.contains(key) && !isEmpty(json.any(key))) {
        throw json.unsupported(Failure.quote(key) + " = " + json.quoted(key), reason(key));
      }
    }
  }

  /** Whether a value says nothing: null, false, or an empty text, list or object. */
  private static boolean isEmpty(Object value) {
    return value == null
        || value.equals(false)
        || value.equals("")
        || (value instanceof Collection<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static String reason(String key) {
    return switch (key) {
      case "fan_in_fan_out" -> "it is for bases that store their weights transposed";
      case "layer_replication" -> "it changes the depth of the frozen base";
      default -> "it may change what the adapter computes";
    };
  }

  private void refuseInitialisation(Object value) {
    if (isEmpty(value) || value instanceof Boolean) {
      return;
    }
    if (!(value instanceof String name)
        || !HARMLESS_INITIALISATIONS.contains(name.toLowerCase(Locale.ROOT))) {
      throw json.unsupported(
          "init_lora_weights " + json.quoted("init_lora_weights"),
          "such an initialisation (PiSSA, OLoRA, CorDA, LoftQ) changes the base's own weights, and"
              + " the adapter does not say how; convert it to a plain LoRA when saving it from PEFT"
              + " (path_initial_model_for_weight_conversion)");
    }
  }

  /** Which modules of a base this is about. */
  PeftTargets targets() {
    return targets;
  }

  /**
   * The configuration for a model of at least that many layers.
   *
   * @param keys of the adapter, which tell what maps the model has
   */
  LoraConfig toLoraConfig(int depth, Collection<AdapterKey> keys) {
    Map<String, Double> alphaPattern = new LinkedHashMap<>();
    pattern("alpha_pattern", (inner, key) -> alphaPattern.put(key, inner.number(key)));
    return new LoraConfig(
        json.positiveInt("r"),
        json.number("lora_alpha"),
        json.bool("use_rslora", false),
        json.number("lora_dropout", 0),
        targetModules(depth, keys),
        rankPattern(),
        alphaPattern,
        json.integers("alora_invocation_tokens", 0),
        json.bool("use_dora", false),
        json.bool("lora_bias", false));
  }

  /** The rank of each of some modules, by path. */
  Map<String, Integer> ranks(Collection<String> paths) {
    ModulePatterns.check(rankPattern().keySet());
    return ModulePatterns.first(rankPattern(), paths, json.positiveInt("r"));
  }

  private Map<String, Integer> rankPattern() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    pattern("rank_pattern", (inner, key) -> ranks.put(key, inner.positiveInt(key)));
    return ranks;
  }

  private void pattern(String key, BiConsumer<JsonObject, String> visitor) {
    if (json.has(key)) {
      JsonObject inner = json.object(key);
      if (inner.keys().size() > MAX_PATTERNS) {
        throw json.unsupported(
            key + " of " + inner.keys().size() + " keys", "no base has so many modules");
      }
      inner.keys().forEach(name -> visitor.accept(inner, name));
    }
  }

  private Set<TargetModule> targetModules(int depth, Collection<AdapterKey> keys) {
    List<String> base = ModulePatterns.paths(depth, keys);
    Set<String> found = targets.among(base);
    Set<TargetModule> possible = modules(base);
    Set<TargetModule> modules = modules(found);
    List<String> names =
        Stream.concat(
                possible.stream().map(TargetModule::peftName).distinct(),
                Stream.of("embed_tokens", "lm_head"))
            .toList();
    if (found.isEmpty()) {
      throw json.unsupported(
          "target_modules " + json.quoted("target_modules"),
          "beside exclude_modules and layers_to_transform it names none of " + names);
    }
    // A list may name the maps of several kinds of bases.
    List<String> paths = ModulePatterns.allPaths(depth, keys);
    for (String name : targets.namesWithout(paths)) {
      throw json.unsupported(
          "the target module " + Failure.quote(name),
          "it names none of "
              + names
              + (depth == 0
                  ? " in the file, which has no layers"
                  : " in the layers 0 to " + (depth - 1) + " of the file"));
    }
    return modules;
  }

  private static Set<TargetModule> modules(Collection<String> paths) {
    Set<TargetModule> modules = EnumSet.noneOf(TargetModule.class);
    paths.stream().map(ModulePatterns::module).filter(Objects::nonNull).forEach(modules::add);
    return modules;
  }
}
