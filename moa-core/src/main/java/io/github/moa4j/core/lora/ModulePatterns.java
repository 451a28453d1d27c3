package io.github.moa4j.core.lora;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** PEFT's ways of naming modules by their path, {@code model.layers.N.self_attn.q_proj}. */
final class ModulePatterns {

  /** A key without signs: only its dots stand for any character. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]*");

  private static final String LAYERS = "model.layers.";

  private ModulePatterns() {}

  static String path(int layer, TargetModule module) {
    return path(layer, module.path());
  }

  static String path(int layer, String below) {
    return LAYERS + layer + "." + below;
  }

  /**
   * The paths of the modules that a base of that depth has, as far as the keys of an adapter tell:
   * several maps in one if some are there, experts in the layers that have keys of some. Where the
   * attention is adapted and the feed-forward network is not, it is unknown which the layer has.
   */
  static List<String> paths(int depth, Collection<AdapterKey> keys) {
    boolean fused = keys.stream().map(AdapterKey::module).anyMatch(m -> m != null && m.isFused());
    int experts = 1 + keys.stream().mapToInt(AdapterKey::expert).max().orElse(0);
    Map<Integer, Set<TargetModule>> found = new HashMap<>();
    for (AdapterKey key : keys) {
      if (key.module() != null) {
        found
            .computeIfAbsent(key.layer(), n -> EnumSet.noneOf(TargetModule.class))
            .add(key.module());
      }
    }
    List<String> paths = new ArrayList<>();
    for (int layer = 0; layer < depth; layer++) {
      Set<TargetModule> own = found.getOrDefault(layer, Set.of());
      for (TargetModule module : TargetModule.values()) {
        if (fused ? !module.isPiece() : !module.isFused()) {
          if (module.isOfAttention() || module.mayStandBeside(own)) {
            addPaths(layer, module, experts, paths);
          }
        }
      }
    }
    paths.add(LoraAdapter.EMBEDDING);
    paths.add(LoraAdapter.HEAD);
    return paths;
  }

  /** The paths of all modules that some base of that depth may have. */
  static List<String> allPaths(int depth, Collection<AdapterKey> keys) {
    int experts = 1 + keys.stream().mapToInt(AdapterKey::expert).max().orElse(0);
    List<String> paths = new ArrayList<>(List.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD));
    for (int layer = 0; layer < depth; layer++) {
      for (TargetModule module : TargetModule.values()) {
        addPaths(layer, module, experts, paths);
      }
    }
    return paths;
  }

  private static void addPaths(int layer, TargetModule module, int experts, List<String> paths) {
    for (int expert = 0; expert < (module.isOfExperts() ? experts : 1); expert++) {
      paths.add(path(layer, module.path(expert)));
    }
  }

  /** The linear map that a path of a layer ends with; null if it is none. */
  static TargetModule module(String path) {
    if (!path.startsWith(LAYERS)) {
      return null;
    }
    String below = path.substring(path.indexOf('.', LAYERS.length()) + 1);
    for (TargetModule module : TargetModule.values()) {
      if (module.hasPath(below)) {
        return module;
      }
    }
    return null;
  }

  /**
   * Refuses keys of a pattern map that are no regular expressions.
   *
   * @throws AdapterException if one is none, or none that can be matched in linear time
   */
  static void check(Collection<String> patterns) {
    first(patterns.stream().collect(Collectors.toMap(key -> key, key -> key)), List.of(), "");
  }

  /** The value of the first key that matches the path or its end; else the common value. */
  static <V> V first(Map<String, V> patterns, String path, V otherwise) {
    return first(patterns, List.of(path), otherwise).get(path);
  }

  /** The values of several paths; every key is compiled once. */
  static <V> Map<String, V> first(Map<String, V> patterns, Collection<String> paths, V otherwise) {
    Map<String, V> found = new HashMap<>();
    long spent = 0;
    for (Map.Entry<String, V> entry : patterns.entrySet()) {
      String key = entry.getKey();
      boolean plain = PLAIN.matcher(key).matches();
      PythonPattern pattern = plain ? null : PythonPattern.ofEnd(key, spent);
      for (String path : paths) {
        String named = parameter(path);
        if (!found.containsKey(path)
            && (pattern == null ? ends(named, key) : pattern.matches(named))) {
          found.put(path, entry.getValue());
        }
      }
      spent = pattern == null ? spent : pattern.steps();
    }
    paths.forEach(path -> found.putIfAbsent(path, otherwise));
    return found;
  }

  /** The path of the parameter that a path names a share of; other paths as they are. */
  static String parameter(String path) {
    return path.endsWith("]") ? path.substring(0, path.indexOf('[')) : path;
  }

  private static boolean ends(String path, String key) {
    int start = path.length() - key.length();
    if (start < 0 || (start > 0 && path.charAt(start - 1) != '.')) {
      return false;
    }
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) != '.' && key.charAt(i) != path.charAt(start + i)) {
        return false;
      }
    }
    return true;
  }
}
