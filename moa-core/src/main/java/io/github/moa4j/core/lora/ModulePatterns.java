package io.github.moa4j.core.lora;

import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** PEFT's ways of naming modules by their path, {@code model.layers.N.self_attn.q_proj}. */
final class ModulePatterns {

  private ModulePatterns() {}

  static String path(int layer, TargetModule module) {
    return "model.layers." + layer + "." + module.path();
  }

  /** Refuses a key of a pattern map that is no regular expression. */
  static void check(String pattern) {
    compile(pattern);
  }

  private static Pattern compile(String pattern) {
    try {
      return Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"" + pattern + "\" is no regular expression: " + e.getDescription(), e);
    }
  }

  /** The value of the first key that matches the path or its end; else the common value. */
  static <V> V first(Map<String, V> patterns, String path, V otherwise) {
    for (Map.Entry<String, V> entry : patterns.entrySet()) {
      if (compile("(?:.*\\.)?(?:" + entry.getKey() + ")").matcher(path).matches()) {
        return entry.getValue();
      }
    }
    return otherwise;
  }

  /** Whether a list of targets names a path: by all of it, or by its end. */
  static boolean namedBy(Collection<String> targets, String path) {
    return targets.stream().anyMatch(target -> path.equals(target) || path.endsWith("." + target));
  }

  /** Whether a regular expression of targets matches a whole path. */
  static boolean matchedBy(String target, String path) {
    return compile(target).matcher(path).matches();
  }
}
