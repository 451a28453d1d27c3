package io.github.moa4j.core.lora;

import io.github.moa4j.core.config.ModelConfig;
import java.io.Serializable;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The shape and the scaling of a LoRA (Hu et al., 2021): y = W x + scaling · B A x, with A [rank,
 * in] and B [out, rank]. Patterns follow PEFT: the first key that equals the end of a module's
 * path, such as {@code q_proj} or {@code layers.0.self_attn.q_proj}, or matches it as a regular
 * expression, replaces the common value.
 *
 * @param rank the common rank r; at least 1
 * @param loraAlpha the common numerator of the scaling; positive
 * @param useRslora whether the scaling is alpha/√r (rsLoRA; Kalajdzievski, 2023) instead of alpha/r
 * @param loraDropout probability that an input of A is dropped in training; in [0, 1)
 * @param targetModules the maps of the layers that are adapted, in the order of the enumeration;
 *     empty for an adapter of the embedding or the head alone. Several in one, other names, and
 *     shares of parameters are left out beside one of these; see {@link #forModel}
 * @param rankPattern ranks of single modules, in the order they are tried
 * @param alphaPattern alphas of single modules, in the order they are tried
 * @param aloraInvocationTokens the token ids from which on the adapter applies (activated LoRA;
 *     Greenewald et al., 2025); empty if it applies to the whole sequence
 * @param useDora whether each row of the adapted weight has a length of its own (DoRA; Liu et al.,
 *     2024): y = m / ‖W + scaling · B A‖ · (W + scaling · B A) x
 * @param loraBias whether B adds a bias to its product
 */
public record LoraConfig(
    int rank,
    double loraAlpha,
    boolean useRslora,
    double loraDropout,
    Set<TargetModule> targetModules,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    List<Integer> aloraInvocationTokens,
    boolean useDora,
    boolean loraBias)
    implements Serializable {

  /**
   * Validates the components.
   *
   * @throws IllegalArgumentException naming the component that is out of range, or that PEFT does
   *     not know beside {@linkplain TargetModule#isOfParameter() shares of parameters}
   * @throws AdapterException if a pattern is no regular expression
   */
  public LoraConfig {
    require(rank >= 1, "rank must be at least 1", rank);
    require(positive(loraAlpha), "loraAlpha must be positive", loraAlpha);
    require(loraDropout >= 0 && loraDropout < 1, "loraDropout must be in [0, 1)", loraDropout);
    EnumSet<TargetModule> modules = EnumSet.noneOf(TargetModule.class);
    modules.addAll(targetModules);
    Set<TargetModule> named = Set.copyOf(modules);
    boolean oneByOne = named.stream().anyMatch(own -> own.isOfExperts() && !own.isOfParameter());
    modules.removeIf(
        module ->
            module.isOfParameter()
                ? oneByOne
                : module.isOtherForm() && !Collections.disjoint(named, module.pieces()));
    targetModules = Collections.unmodifiableSet(modules);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    aloraInvocationTokens = List.copyOf(aloraInvocationTokens);
    rankPattern.forEach((key, r) -> require(r >= 1, "rankPattern of " + key + " must be 1 up", r));
    alphaPattern.forEach(
        (key, alpha) -> require(positive(alpha), "alphaPattern of " + key + " must be > 0", alpha));
    require(!useDora || !loraBias, "DoRA has no bias of B", loraBias);
    boolean plain = !useDora && !loraBias && loraDropout == 0 && aloraInvocationTokens.isEmpty();
    require(
        plain || modules.stream().noneMatch(TargetModule::isOfParameter),
        "parameters of all experts (target_parameters) are adapted without DoRA, bias of B, dropout"
            + " and invocation tokens",
        modules);
    ModulePatterns.check(rankPattern.keySet());
    ModulePatterns.check(alphaPattern.keySet());
    require(
        aloraInvocationTokens.stream().allMatch(token -> token >= 0),
        "aloraInvocationTokens must not be negative",
        aloraInvocationTokens);
  }

  /** A LoRA without DoRA's lengths and B's bias. */
  public LoraConfig(
      int rank,
      double loraAlpha,
      boolean useRslora,
      double loraDropout,
      Set<TargetModule> targetModules,
      Map<String, Integer> rankPattern,
      Map<String, Double> alphaPattern,
      List<Integer> aloraInvocationTokens) {
    this(
        rank,
        loraAlpha,
        useRslora,
        loraDropout,
        targetModules,
        rankPattern,
        alphaPattern,
        aloraInvocationTokens,
        false,
        false);
  }

  private static boolean positive(double value) {
    return value > 0 && Float.isFinite((float) value); // the engine scales in floats
  }

  private static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }

  /** A LoRA of one rank and one alpha, without dropout, that applies to the whole sequence. */
  public static LoraConfig of(int rank, double loraAlpha, Set<TargetModule> targetModules) {
    require(!targetModules.isEmpty(), "targetModules must not be empty", targetModules);
    return new LoraConfig(rank, loraAlpha, false, 0, targetModules, Map.of(), Map.of(), List.of());
  }

  /** Returns this configuration with another dropout. */
  public LoraConfig withLoraDropout(double value) {
    return with(useRslora, value, aloraInvocationTokens, useDora, loraBias);
  }

  /** Returns this configuration with or without rsLoRA's scaling. */
  public LoraConfig withRslora(boolean value) {
    return with(value, loraDropout, aloraInvocationTokens, useDora, loraBias);
  }

  /** Returns this configuration with the tokens that invoke it; empty for a plain LoRA. */
  public LoraConfig withAloraInvocationTokens(List<Integer> value) {
    return with(useRslora, loraDropout, value, useDora, loraBias);
  }

  /** Returns this configuration with or without DoRA's lengths. */
  public LoraConfig withDora(boolean value) {
    return with(useRslora, loraDropout, aloraInvocationTokens, value, loraBias);
  }

  /** Returns this configuration with or without a bias of B. */
  public LoraConfig withLoraBias(boolean value) {
    return with(useRslora, loraDropout, aloraInvocationTokens, useDora, value);
  }

  /**
   * Returns this configuration with the maps of a model: what is one matrix there stands for the
   * maps that it is made of, and the other way round. Shares of parameters stay such.
   */
  public LoraConfig forModel(ModelConfig model) {
    Set<TargetModule> named = EnumSet.noneOf(TargetModule.class);
    targetModules.forEach(module -> named.addAll(module.pieces()));
    Set<TargetModule> modules = EnumSet.noneOf(TargetModule.class);
    for (TargetModule module : TargetModule.of(model, adaptsParameters())) {
      if (module.pieces().stream().anyMatch(named::contains)) {
        modules.add(module);
      }
    }
    return new LoraConfig(
        rank,
        loraAlpha,
        useRslora,
        loraDropout,
        modules,
        rankPattern,
        alphaPattern,
        aloraInvocationTokens,
        useDora,
        loraBias);
  }

  /** Whether maps of experts are adapted as shares of parameters. */
  public boolean adaptsParameters() {
    return targetModules.stream().anyMatch(TargetModule::isOfParameter);
  }

  private LoraConfig with(
      boolean rslora, double dropout, List<Integer> invocation, boolean dora, boolean bias) {
    return new LoraConfig(
        rank,
        loraAlpha,
        rslora,
        dropout,
        targetModules,
        rankPattern,
        alphaPattern,
        invocation,
        dora,
        bias);
  }

  /**
   * Returns the index of a prompt's first token under the adapter: 0 for a plain LoRA, the last
   * occurrence of its invocation tokens for an activated one, nothing if they do not occur. As in
   * PEFT the base then answers alone.
   */
  public OptionalInt activationPosition(int[] prompt) {
    int length = aloraInvocationTokens.size();
    if (length == 0) {
      return OptionalInt.of(0);
    }
    for (int start = prompt.length - length; start >= 0; start--) {
      int matched = 0;
      while (matched < length && prompt[start + matched] == aloraInvocationTokens.get(matched)) {
        matched++;
      }
      if (matched == length) {
        return OptionalInt.of(start);
      }
    }
    return OptionalInt.empty();
  }

  /** Returns the common scaling: alpha/r, or alpha/√r with rsLoRA. */
  public double scaling() {
    return scaling(loraAlpha, rank);
  }

  /** Returns the rank of one module, patterns considered, whether it is a target or not. */
  public int rank(int layer, TargetModule module) {
    return ModulePatterns.first(rankPattern, ModulePatterns.path(layer, module), rank);
  }

  /** Returns the scaling of one module, patterns considered, whether it is a target or not. */
  public double scaling(int layer, TargetModule module) {
    String path = ModulePatterns.path(layer, module);
    return scalings(List.of(path)).get(path);
  }

  /** The rank of each of some modules, by path. */
  Map<String, Integer> ranks(Collection<String> paths) {
    return ModulePatterns.first(rankPattern, paths, rank);
  }

  /** The scaling of each of some modules, by path. */
  Map<String, Double> scalings(Collection<String> paths) {
    Map<String, Integer> ranks = ranks(paths);
    Map<String, Double> scalings = ModulePatterns.first(alphaPattern, paths, loraAlpha);
    scalings.replaceAll((path, alpha) -> scaling(alpha, ranks.get(path)));
    return scalings;
  }

  private double scaling(double alpha, int r) {
    return alpha / (useRslora ? Math.sqrt(r) : r);
  }
}
