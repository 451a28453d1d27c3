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

  private ModulePatterns() {}

  static String path(int layer, TargetModule module) {
    return "model.layers." + layer + "." + module.path();
  }

  /** The maps of a base that has several of them in one, or of one that has none so. */
  static List<TargetModule> modules(boolean fused) {
    List<TargetModule> modules = new ArrayList<>(List.of(TargetModule.values()));
    Set<TargetModule> others = EnumSet.noneOf(TargetModule.class);
    for (TargetModule module : TargetModule.values()) {
      if (module.isFused()) {
        others.addAll(fused ? module.pieces() : List.of(module));
      }
    }
    modules.removeAll(others);
    return modules;
  }

  /** Whether some maps of the base that an adapter was made for are several in one. */
  static boolean areFused(Collection<AdapterKey> keys) {
    return keys.stream().map(key -> module(key.path())).anyMatch(m -> m != null && m.isFused());
  }

  /** The paths of all modules that can be adapted, in a base of that many layers. */
  static List<String> paths(int depth, List<TargetModule> modules) {
    List<String> paths = new ArrayList<>();
    for (int layer = 0; layer < depth; layer++) {
      for (TargetModule module : modules) {
        paths.add(path(layer, module));
      }
    }
    paths.add(LoraAdapter.EMBEDDING);
    paths.add(LoraAdapter.HEAD);
    return paths;
  }

  /** The linear map that a path of a layer ends with; null if it is none. */
  static TargetModule module(String path) {
    int end = path.indexOf('.', "model.layers.".length());
    for (TargetModule module : TargetModule.values()) {
      if (path.startsWith("model.layers.") && path.substring(end + 1).equals(module.path())) {
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
        if (!found.containsKey(path)
            && (pattern == null ? ends(path, key) : pattern.matches(path))) {
          found.put(path, entry.getValue());
        }
      }
      spent = pattern == null ? spent : pattern.steps();
    }
    paths.forEach(path -> found.putIfAbsent(path, otherwise));
    return found;
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
