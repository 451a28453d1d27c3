package io.github.moa4j.core.lora;

import io.github.moa4j.core.files.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which modules of a base an adapter changes, in PEFT's terms; the rules of its {@code
 * check_target_module_exists}. It answers for a base of any depth, so that an adapter whose file
 * was cut short is told apart from one for fewer layers. Immutable.
 *
 * @param modules {@code target_modules}, a pattern for whole paths or a collection of names; a name
 *     is a whole path or the end of one
 * @param parameters {@code target_parameters}: whole paths or ends of paths of parameters that hold
 *     all experts of a layer; layers and exclusions do not restrict them
 * @param excluded {@code exclude_modules}, as the modules; an empty collection if nothing is
 * @param layers {@code layers_to_transform}; empty for all
 * @param layersPatterns {@code layers_pattern}: what stands before a layer's number
 * @param saved {@code modules_to_save}: modules that are replaced as a whole
 * @param tokens {@code trainable_token_indices}: by module the rows of its weight that are replaced
 * @param bias {@code none}, or which biases of the base are replaced
 * @param tied whether what is done to the embedding is done to a tied head too
 */
record PeftTargets(
    Object modules,
    Set<String> parameters,
    Object excluded,
    Set<Integer> layers,
    List<String> layersPatterns,
    Set<String> saved,
    Map<String, List<Integer>> tokens,
    String bias,
    boolean tied) {

  private static final String ALL_LINEAR = "all-linear";
  private static final String NONE = "none";
  private static final Set<String> BIASES = Set.of(NONE, "all", "lora_only");
  private static final String ANY_LAYER = ".*?\\.[^.]*\\.(?P<idx>\\d+)\\.";

  static PeftTargets read(JsonObject json) {
    String bias = json.text("bias", NONE);
    if (!BIASES.contains(bias)) {
      throw json.wrong("bias", "one of " + new TreeSet<>(BIASES));
    }
    Set<String> parameters = new LinkedHashSet<>(json.texts("target_parameters"));
    return new PeftTargets(
        json.has("target_modules") || parameters.isEmpty()
            ? patternOrNames(json, "target_modules")
            : Set.of(),
        parameters,
        json.has("exclude_modules") ? patternOrNames(json, "exclude_modules") : Set.of(),
        json.any("layers_to_transform") instanceof Number
            ? Set.of(json.integer("layers_to_transform", 0))
            : Set.copyOf(json.integers("layers_to_transform", 0)),
        json.any("layers_pattern") instanceof String
            ? List.of(json.text("layers_pattern")).stream().filter(text -> !text.isEmpty()).toList()
            : json.texts("layers_pattern"),
        new LinkedHashSet<>(json.texts("modules_to_save")),
        tokens(json),
        bias,
        json.bool("ensure_weight_tying", false));
  }

  private static Map<String, List<Integer>> tokens(JsonObject json) {
    String key = "trainable_token_indices";
    if (!json.has(key)) {
      return Map.of();
    }
    Map<String, List<Integer>> tokens = new LinkedHashMap<>();
    if (json.any(key) instanceof Map<?, ?>) {
      JsonObject inner = json.object(key);
      inner.keys().forEach(module -> tokens.put(module, inner.integers(module, 0)));
    } else {
      tokens.put("embed_tokens", json.integers(key, 0));
    }
    tokens.values().removeIf(List::isEmpty);
    return Collections.unmodifiableMap(tokens);
  }

  /** Whether a name of a module means that one, as the end of its path. */
  static boolean means(String name, String path) {
    return path.equals(name) || path.endsWith("." + name);
  }

  /** Whether a module is replaced as a whole. */
  boolean saves(String path) {
    return saved.stream().anyMatch(name -> means(name, path));
  }

  private static Object patternOrNames(JsonObject json, String key) {
    return json.any(key) instanceof List<?> ? new LinkedHashSet<>(json.texts(key)) : json.text(key);
  }

  /**
   * The targets of an adapter that was not read: by module, restricted to layers where that says
   * it, or else by their whole paths; parameters by whole paths but where every layer is meant.
   *
   * @param everyLayer whether the layers are all that the base has
   */
  static PeftTargets of(Collection<AdapterKey> keys, boolean everyLayer) {
    Set<String> paths = new LinkedHashSet<>();
    Set<Integer> layers = new TreeSet<>();
    Set<TargetModule> modules = new TreeSet<>();
    Set<String> others = new LinkedHashSet<>();
    Set<String> saved = new LinkedHashSet<>();
    Set<String> parameters = new LinkedHashSet<>();
    Set<Integer> parameterLayers = new TreeSet<>();
    Set<TargetModule> parameterModules = new TreeSet<>();
    boolean biases = false;
    for (AdapterKey key : keys) {
      biases |= key.part() == AdapterPart.BIAS;
      if (key.part() == AdapterPart.WEIGHT) {
        saved.add(name(key.path()));
      } else if (key.part() == AdapterPart.LORA_A && key.isVocabulary()) {
        others.add(name(key.path()));
      } else if (key.part() == AdapterPart.LORA_A && key.module().isOfParameter()) {
        parameters.add(ModulePatterns.parameter(key.path()));
        parameterLayers.add(key.layer());
        parameterModules.add(key.module());
      } else if (key.part() == AdapterPart.LORA_A) {
        paths.add(key.path());
        layers.add(key.layer());
        modules.add(key.module());
      }
    }
    saved.removeAll(others); // a base's weight beside A and B of the same module
    boolean grid = paths.size() == layers.size() * places(modules, keys);
    Set<String> names = new LinkedHashSet<>();
    modules.forEach(module -> names.add(module.peftName()));
    Set<String> targets = grid && (everyLayer || others.isEmpty()) ? names : paths;
    targets.addAll(others);
    if (everyLayer && parameters.size() == parameterLayers.size() * parameterModules.size()) {
      parameters.clear();
      parameterModules.forEach(module -> parameters.add(module.parameterPath()));
    }
    return new PeftTargets(
        targets,
        parameters,
        Set.of(),
        everyLayer || targets == paths ? Set.of() : layers,
        List.of(),
        saved,
        Map.of(),
        biases ? "lora_only" : NONE,
        false);
  }

  /** How many maps a layer has of these modules: those of experts, one an expert. */
  private static int places(Set<TargetModule> modules, Collection<AdapterKey> keys) {
    int experts = 1 + keys.stream().mapToInt(AdapterKey::expert).max().orElse(0);
    return modules.stream().mapToInt(module -> module.isOfExperts() ? experts : 1).sum();
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Writes the keys that this was read from. */
  void write(Map<String, Object> json) {
    json.put("target_modules", modules);
    if (!parameters.isEmpty()) {
      json.put("target_parameters", parameters);
    }
    json.put("layers_to_transform", layers.isEmpty() ? null : new TreeSet<>(layers));
    // PEFT refuses a pattern of layers beside none to transform.
    json.put(
        "layers_pattern", layers.isEmpty() || layersPatterns.isEmpty() ? null : layersPatterns);
    json.put("modules_to_save", saved.isEmpty() ? null : saved);
    json.put("bias", bias);
    if (!isEmpty(excluded)) {
      json.put("exclude_modules", excluded);
    }
    if (!tokens.isEmpty()) {
      boolean embeddingOnly = tokens.keySet().equals(Set.of("embed_tokens"));
      json.put("trainable_token_indices", embeddingOnly ? tokens.get("embed_tokens") : tokens);
    }
    if (tied) {
      json.put("ensure_weight_tying", true);
    }
  }

  private static boolean isEmpty(Object patternOrNames) {
    return patternOrNames instanceof String text
        ? text.isEmpty()
        : ((Collection<?>) patternOrNames).isEmpty();
  }

  /** The names of the list that end no path, and so would be left out silently. */
  List<String> namesWithout(Collection<String> paths) {
    List<String> names = new ArrayList<>();
    if (modules instanceof Collection<?> targets) {
      Set<String> known = new LinkedHashSet<>();
      paths.forEach(path -> ends(path, known));
      targets.forEach(name -> names.add((String) name));
      names.removeAll(known);
    }
    return names;
  }

  /** Whether an adapter of these targets adapts a parameter. */
  boolean haveParameter(String path) {
    Set<String> ends = new LinkedHashSet<>();
    ends(path, ends);
    return ends.stream().anyMatch(parameters::contains);
  }

  /** A path and all that can stand for it: what is behind each of its dots. */
  private static void ends(String path, Set<String> ends) {
    ends.add(path);
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      ends.add(path.substring(dot + 1));
    }
  }

  /** Returns those of some paths that are targets. */
  Set<String> among(Collection<String> paths) {
    Matching matching = new Matching();
    Set<String> found = new LinkedHashSet<>();
    for (String path : paths) {
      if (matching.targets(path)) {
        found.add(path);
      }
    }
    return found;
  }

  /** The compiled patterns, for one walk over the modules of a base. */
  private final class Matching {

    private final PythonPattern target = pattern(modules);
    private final PythonPattern exclusion = pattern(excluded);
    private final List<PythonPattern> layerPatterns = new ArrayList<>();

    Matching() {
      if (layersPatterns.isEmpty()) {
        layerPatterns.add(new PythonPattern(ANY_LAYER));
      }
      layersPatterns.forEach(
          text ->
              layerPatterns.add(new PythonPattern("(?:^|.*?\\.)" + text + "\\.(?P<idx>\\d+)\\.")));
    }

    private static PythonPattern pattern(Object patternOrNames) {
      return patternOrNames instanceof String text && !text.isEmpty()
          ? new PythonPattern(text)
          : null;
    }

    boolean targets(String path) {
      TargetModule module = ModulePatterns.module(path);
      if (module != null && module.isOfParameter()) {
        return haveParameter(ModulePatterns.parameter(path));
      }
      // A module is not both replaced and adapted.
      if (saves(path)) {
        return false;
      }
      if (exclusion == null ? isNamed(excluded, path) : exclusion.matches(path)) {
        return false;
      }
      if (modules instanceof Collection<?> names) {
        return names.contains(path) || (isNamed(names, path) && transforms(path));
      }
      String text = (String) modules;
      return text.toLowerCase(Locale.ROOT).equals(ALL_LINEAR)
          ? path.contains(".layers.") // the head is left out, as PEFT does
          : target.matches(path) || isNamed(List.of(text), path);
    }

    private static boolean isNamed(Object names, String path) {
      Set<String> ends = new LinkedHashSet<>();
      ends(path, ends);
      return names instanceof Collection<?> known && ends.stream().anyMatch(known::contains);
    }

    private boolean transforms(String path) {
      if (layers.isEmpty()) {
        return true;
      }
      for (PythonPattern pattern : layerPatterns) {
        OptionalInt index = pattern.index(path);
        if (index.isPresent()) {
          return layers.contains(index.getAsInt());
        }
      }
      return false;
    }
  }
}
