package io.github.moa4j.core.config;

import io.github.moa4j.core.config.DecoderFamily.Sizes;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the rotary settings of a {@code config.json}, in the old spelling ({@code rope_theta}, and
 * {@code rope_scaling} with {@code type} or {@code rope_type}) and in the new one ({@code
 * rope_parameters}, possibly one object a layer type). A key that is not understood is refused:
 * whatever stands there changes every angle.
 */
final class RopeConfigReader {

  private static final String OLD = "rope_scaling";
  private static final String NEW = "rope_parameters";
  private static final double DEFAULT_LOCAL_THETA = 10_000;
  private static final double DEFAULT_BETA_FAST = 32;
  private static final double DEFAULT_BETA_SLOW = 1;

  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final Set<String> COMMON =
      Set.of("type", "rope_type", "rope_theta", "partial_rotary_factor");
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "default", Set.of(),
          "linear", Set.of("factor"),
          "dynamic", Set.of("factor", ORIGINAL),
          "llama3", Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL),
          "longrope", Set.of("factor", "short_factor", "long_factor", "attention_factor", ORIGINAL),
          "yarn",
              Set.of(
                  "factor",
                  "attention_factor",
                  "beta_fast",
                  "beta_slow",
                  "mscale",
                  "mscale_all_dim",
                  "truncate",
                  "finetuned", // written by the method's authors; without influence on this type
                  ORIGINAL));

  private final JsonObject json;
  private final int headDim;
  private final int maxPositionEmbeddings;
  private final String thetaKey;
  private final double absentTheta;
  private final int absentOriginal;

  private RopeConfigReader(
      JsonObject json,
      int headDim,
      int maxPositionEmbeddings,
      String thetaKey,
      double absentTheta,
      int absentOriginal) {
    this.json = json;
    this.headDim = headDim;
    this.maxPositionEmbeddings = maxPositionEmbeddings;
    this.thetaKey = thetaKey;
    this.absentTheta = absentTheta;
    this.absentOriginal = absentOriginal;
  }

  /**
   * Reads the settings of a model whose head and context have that size.
   *
   * @param sizes where the file tells none
   * @param byType whether layers with a window have settings of their own; these are the others'
   */
  static RopeConfig read(
      JsonObject json, int headDim, int maxPositionEmbeddings, Sizes sizes, boolean byType) {
    int original = sizes.originalMaxPositionEmbeddings();
    RopeConfigReader reader =
        new RopeConfigReader(
            json,
            headDim,
            maxPositionEmbeddings,
            "rope_theta",
            sizes.ropeTheta(),
            original == Sizes.DERIVED ? maxPositionEmbeddings : original);
    return byType ? reader.ofType("full_attention", true) : reader.read();
  }

  /** Reads the settings that layers with a window have of their own. */
  static RopeConfig ofWindows(JsonObject json, int headDim, int maxPositionEmbeddings) {
    return new RopeConfigReader(
            json,
            headDim,
            maxPositionEmbeddings,
            "rope_local_base_freq",
            DEFAULT_LOCAL_THETA,
            maxPositionEmbeddings)
        .ofType("sliding_attention", false);
  }

  /**
   * The settings of a type of layers.
   *
   * @param scaled whether {@code rope_scaling}, of older files, is of these layers
   */
  private RopeConfig ofType(String layerType, boolean scaled) {
    JsonObject scaling = json.has(OLD) ? json.object(OLD) : null;
    if (scaled && scaling != null && !scaling.keys().isEmpty()) {
      return flat(OLD, scaling);
    }
    if (json.has(NEW)) {
      JsonObject types = json.object(NEW);
      if (!types.keys().isEmpty() && !isNested(types)) {
        throw json.wrong(NEW, "an object for each type of layers, such as " + layerType);
      }
      if (types.has(layerType)) {
        return flat(NEW + "." + layerType, types.object(layerType));
      }
    }
    return new RopeConfig(theta(json, thetaKey), rotaryDims(json), new RopeScaling.None());
  }

  /** As Hugging Face, a {@code rope_scaling} that is not empty wins over the newer spelling. */
  private RopeConfig read() {
    for (String key : List.of(OLD, NEW)) {
      if (json.has(key)) {
        JsonObject settings = json.object(key);
        if (!settings.keys().isEmpty()) {
          return isNested(settings) ? nested(key, settings) : flat(key, settings);
        }
      }
    }
    return new RopeConfig(theta(json, thetaKey), rotaryDims(json), new RopeScaling.None());
  }

  private static boolean isNested(JsonObject settings) {
    return settings.values().values().stream()
        .allMatch(value -> value == null || value instanceof Map);
  }

  /** One object a layer type: all layers turn alike here, so all must say the same. */
  private RopeConfig nested(String name, JsonObject settings) {
    Map<String, RopeConfig> distinct = new LinkedHashMap<>();
    for (String layerType : settings.keys()) {
      if (!layerType.endsWith("_attention")) {
        throw json.unsupported(
            Failure.quote(name + "." + layerType), "it is neither a setting nor a layer type");
      }
      if (settings.has(layerType)) {
        RopeConfig rope = flat(name + "." + layerType, settings.object(layerType));
        if (!distinct.containsValue(rope)) {
          distinct.put(layerType, rope);
        }
      }
    }
    if (distinct.size() > 1) {
      throw json.unsupported(
          "a theta or scaling that differs between the layer types "
              + Failure.quote(String.join(" and ", distinct.keySet())),
          "all layers must share one theta and one scaling");
    }
    return distinct.isEmpty() ? flat(name, settings) : distinct.values().iterator().next();
  }

  private RopeConfig flat(String name, JsonObject settings) {
    String type = type(settings);
    Set<String> known = KEYS.get(type);
    if (known == null) {
      throw json.unsupported(
          Failure.quote(name) + " of type " + Failure.quote(type),
          "supported are " + String.join(", ", new TreeSet<>(KEYS.keySet())));
    }
    refuseUnknown(name, settings, type, known);
    return new RopeConfig(
        theta(settings, "rope_theta"), rotaryDims(settings), scaling(settings, type));
  }

  /** Phi-3's older files have other names for the method that later got one. */
  private static String type(JsonObject settings) {
    String type = settings.text("rope_type", settings.text("type", "default"));
    boolean older = type.equals("yarn") && settings.has("short_factor");
    return older || type.equals("su") ? "longrope" : type;
  }

  private void refuseUnknown(String name, JsonObject settings, String type, Set<String> known) {
    for (String key : settings.keys()) {
      if (settings.has(key) && !known.contains(key) && !COMMON.contains(key)) {
        Set<String> understood = new TreeSet<>(known);
        understood.addAll(COMMON);
        throw json.unsupported(
            Failure.quote(name + "." + key) + " (rotary settings of type " + type + ")",
            "understood are " + String.join(", ", understood));
      }
    }
  }

  /** Settings win over the top of the file. */
  private double theta(JsonObject settings, String key) {
    return settings.positiveNumber(key, json.positiveNumber(thetaKey, absentTheta));
  }

  private int rotaryDims(JsonObject settings) {
    String key = "partial_rotary_factor";
    JsonObject holder = settings.has(key) ? settings : json;
    double share = holder.positiveNumber(key, 1);
    int dims = (int) (headDim * share);
    if (share > 1 || (share < 1 && (dims == 0 || dims % 2 != 0))) {
      throw holder.wrong(
          key, "a share of 1 or less that turns an even number of the " + headDim + " dimensions");
    }
    return dims;
  }

  private RopeScaling scaling(JsonObject settings, String type) {
    return switch (type) {
      case "linear" -> new RopeScaling.Linear(settings.positiveNumber("factor"));
      case "dynamic" -> dynamic(settings);
      case "llama3" ->
          new RopeScaling.Llama3(
              settings.positiveNumber("factor"),
              settings.positiveNumber("low_freq_factor"),
              settings.positiveNumber("high_freq_factor"),
              original(settings));
      case "yarn" -> yarn(settings);
      case "longrope" -> longRope(settings);
      default -> new RopeScaling.None();
    };
  }

  /** Hugging Face takes the context limit as that of training, whatever else is written. */
  private RopeScaling dynamic(JsonObject settings) {
    if (settings.positiveInt(ORIGINAL, maxPositionEmbeddings) != maxPositionEmbeddings) {
      throw settings.wrong(
          ORIGINAL, "equal to max_position_embeddings (" + maxPositionEmbeddings + ") or left out");
    }
    return new RopeScaling.Dynamic(settings.positiveNumber("factor"), maxPositionEmbeddings);
  }

  /** The context of training; one at the top of the file wins. */
  private int original(JsonObject settings) {
    return json.positiveInt(ORIGINAL, settings.positiveInt(ORIGINAL, absentOriginal));
  }

  private double factor(JsonObject settings) {
    return settings.positiveNumber("factor", (double) maxPositionEmbeddings / original(settings));
  }

  private RopeScaling yarn(JsonObject settings) {
    double factor = factor(settings);
    return new RopeScaling.Yarn(
        factor,
        original(settings),
        numberUnlessZero(settings, "beta_fast", DEFAULT_BETA_FAST),
        numberUnlessZero(settings, "beta_slow", DEFAULT_BETA_SLOW),
        settings.bool("truncate", true),
        settings.positiveNumber("attention_factor", yarnAttention(settings, factor)));
  }

  private static double yarnAttention(JsonObject settings, double factor) {
    double mscale = numberUnlessZero(settings, "mscale", 0);
    double allDims = numberUnlessZero(settings, "mscale_all_dim", 0);
    return mscale != 0 && allDims != 0
        ? mscale(factor, mscale) / mscale(factor, allDims)
        : mscale(factor, 1);
  }

  private static double mscale(double factor, double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }

  /** A zero means what a missing key means, as in the reference implementation. */
  private static double numberUnlessZero(JsonObject settings, String key, double otherwise) {
    double value = settings.number(key, otherwise);
    return value == 0 ? otherwise : value;
  }

  private RopeScaling longRope(JsonObject settings) {
    int original = original(settings);
    double factor = factor(settings);
    if (factor > 1 && original == 1 && !settings.has("attention_factor")) {
      throw settings.wrong(ORIGINAL, "above 1");
    }
    double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return new RopeScaling.LongRope(
        divisors(settings, "short_factor"),
        divisors(settings, "long_factor"),
        original,
        settings.positiveNumber("attention_factor", attention));
  }

  private static List<Double> divisors(JsonObject settings, String key) {
    if (!settings.has(key)) {
      throw settings.wrong(key, "a list of numbers");
    }
    return settings.numbers(key);
  }
}
