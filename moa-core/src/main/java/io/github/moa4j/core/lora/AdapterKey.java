package io.github.moa4j.core.lora;

import io.github.moa4j.core.files.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a key of an adapter's file names.
 *
 * @param path of the module in the base: one of the linear maps of a layer, {@link
 *     LoraAdapter#HEAD} or {@link LoraAdapter#EMBEDDING}
 * @param part what the tensor is to the module
 */
record AdapterKey(String path, AdapterPart part) {

  private static final String PREFIX = "base_model.model.";
  private static final Pattern EXPERT =
      Pattern.compile("\\.experts\\.(?:(\\d{1,5})\\.[a-z0-9_]+|[a-z_]+\\[(\\d{1,5})])$");
  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(0|[1-9]\\d{0,3})\\.(.+)");

  /**
   * Reads a key.
   *
   * @throws AdapterException if it names nothing that can be applied
   */
  static AdapterKey of(String key) {
    String longest = "";
    AdapterPart found = null;
    for (AdapterPart part : AdapterPart.values()) {
      for (String suffix : part.suffixes()) {
        if (key.endsWith("." + suffix) && suffix.length() > longest.length()) {
          longest = suffix;
          found = part;
        }
      }
    }
    int end = key.length() - longest.length() - 1;
    if (found != null && key.startsWith(PREFIX) && end > PREFIX.length()) {
      AdapterKey read = new AdapterKey(key.substring(PREFIX.length(), end), found);
      if (read.isPossible() && read.isSpelledSo(longest)) {
        return read;
      }
    }
    throw new AdapterException(
        "The tensor "
            + Failure.quote(key)
            + " is none that can be applied; expected are keys such as "
            + LoraAdapter.key(0, TargetModule.Q_PROJ, "lora_A")
            + ".");
  }

  /** A and B of the embedding have keys of their own. */
  private boolean isSpelledSo(String suffix) {
    boolean factor = part == AdapterPart.LORA_A || part == AdapterPart.LORA_B;
    return !factor || path.equals(LoraAdapter.EMBEDDING) == suffix.startsWith("lora_embedding");
  }

  private boolean isPossible() {
    boolean ofLayer = layer() >= 0;
    return switch (part) {
      case WEIGHT, TOKENS -> isVocabulary();
      case BIAS -> ofLayer;
      case LORA_BIAS -> ofLayer || path.equals(LoraAdapter.HEAD);
      default -> ofLayer || isVocabulary();
    };
  }

  /** Whether the module is as large as the vocabulary, head or embedding. */
  boolean isVocabulary() {
    return path.equals(LoraAdapter.HEAD) || path.equals(LoraAdapter.EMBEDDING);
  }

  /** The linear map; null for other modules. */
  TargetModule module() {
    return LAYER.matcher(path).matches() ? ModulePatterns.module(path) : null;
  }

  /** The layer of a linear map; -1 for other modules. */
  int layer() {
    Matcher matcher = LAYER.matcher(path);
    return matcher.matches() && ModulePatterns.module(path) != null
        ? Integer.parseInt(matcher.group(1))
        : -1;
  }

  /** The number of the expert that a linear map belongs to; 0 for other modules. */
  int expert() {
    Matcher matcher = EXPERT.matcher(path);
    return matcher.find() && module() != null
        ? Integer.parseInt(matcher.group(1) == null ? matcher.group(2) : matcher.group(1))
        : 0;
  }
}
