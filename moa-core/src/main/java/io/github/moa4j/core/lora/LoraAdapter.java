package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One LoRA in host memory: its configuration and, for each adapted map of each layer, A [rank, in]
 * and B [out, rank] under PEFT's names; besides, where it has them, the lengths of DoRA, biases,
 * and what takes the place of the embedding or the head. What it holds is complete and finite;
 * whether it fits a base is asked with {@link #checkFits}.
 *
 * <p>Immutable and thread-safe. The tensors live on the Java heap, so the files an adapter came
 * from may be changed or removed.
 */
public final class LoraAdapter {

  /** The path of the embedding. */
  public static final String EMBEDDING = "model.embed_tokens";

  /** The path of the output projection. */
  public static final String HEAD = "lm_head";

  private static final Set<AdapterPart> PLAIN = Set.of(AdapterPart.LORA_A, AdapterPart.LORA_B);

  private final LoraConfig config;
  private final Map<String, HostTensor> tensors;
  private final Map<AdapterKey, HostTensor> parts;
  private final PeftTargets targets;
  private final Map<String, Integer> ranks;
  private final Map<String, Double> scalings;

  private LoraAdapter(
      LoraConfig config,
      Map<String, HostTensor> tensors,
      Map<AdapterKey, HostTensor> parts,
      PeftTargets targets) {
    this.config = config;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.parts = parts;
    this.targets = targets;
    Set<String> paths = parts.keySet().stream().map(AdapterKey::path).collect(Collectors.toSet());
    this.ranks = config.ranks(paths);
    this.scalings = config.scalings(paths);
  }

  /**
   * Makes an adapter of tensors, which are copied. It adapts the layers that the tensors are of,
   * whether or not the base has more.
   *
   * @param tensors by PEFT's key (see {@link #key}), in the order that a file will hold them; f32,
   *     bf16 or f16
   * @throws AdapterException if a key names no target of the configuration or a target has no
   *     tensors, an A lacks its B or the other way round, a rank differs from the configuration's,
   *     or a value is NaN or infinite
   */
  public static LoraAdapter of(LoraConfig config, Map<String, HostTensor> tensors) {
    return of(config, copies(tensors), PeftTargets.of(keys(tensors), false));
  }

  /**
   * Makes an adapter as {@link #of} does, for a base that has the layers which the tensors are of
   * and no more.
   *
   * @throws AdapterException as {@link #of} does
   */
  public static LoraAdapter ofEveryLayer(LoraConfig config, Map<String, HostTensor> tensors) {
    return of(config, copies(tensors), PeftTargets.of(keys(tensors), true));
  }

  /**
   * Makes an adapter as {@link #of} does, whose targets a configuration has named, of tensors that
   * nobody else holds.
   */
  static LoraAdapter of(LoraConfig config, Map<String, HostTensor> tensors, PeftTargets targets) {
    Map<AdapterKey, HostTensor> parts = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (parts.put(AdapterKey.of(name), tensor) != null) {
            throw new AdapterException("The adapter holds " + name + " under two names.");
          }
        });
    LoraAdapter adapter =
        new LoraAdapter(config, tensors, Collections.unmodifiableMap(parts), targets);
    new AdapterCheck(adapter).checkContent();
    return adapter;
  }

  static List<AdapterKey> keys(Map<String, HostTensor> tensors) {
    return tensors.keySet().stream().map(AdapterKey::of).toList();
  }

  private static Map<String, HostTensor> copies(Map<String, HostTensor> tensors) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          ByteBuffer bytes = ByteBuffer.allocate(tensor.data().remaining()).put(tensor.data());
          copies.put(name, new HostTensor(tensor.dataType(), tensor.shape(), bytes.flip()));
        });
    return copies;
  }

  /**
   * Returns PEFT's name of a tensor.
   *
   * @param side {@code lora_A} or {@code lora_B}
   */
  public static String key(int layer, TargetModule module, String side) {
    return "base_model.model." + ModulePatterns.path(layer, module) + "." + side + ".weight";
  }

  /**
   * Returns PEFT's name of a tensor of a module.
   *
   * @param module a path, as in {@link #part(String, AdapterPart)}
   */
  public static String key(String module, AdapterPart part) {
    return "base_model.model." + module + "." + part.suffix();
  }

  /** Returns PEFT's name of a tensor of a layer. */
  public static String key(int layer, TargetModule module, AdapterPart part) {
    return "base_model.model." + ModulePatterns.path(layer, module) + "." + part.suffix();
  }

  /** Returns the configuration. */
  public LoraConfig config() {
    return config;
  }

  /**
   * Returns the tensors by PEFT's key, in the order of the file or the map they came from. What
   * PEFT files as one tensor of all experts is here one of each, {@code
   * mlp.experts.gate_up_proj[3].lora_A.weight}.
   */
  public Map<String, HostTensor> tensors() {
    return tensors;
  }

  PeftTargets targets() {
    return targets;
  }

  /** The tensors by what they are. */
  Map<AdapterKey, HostTensor> parts() {
    return parts;
  }

  /** Returns the number of layers up to the last one that this adapter changes. */
  public int depth() {
    return parts.keySet().stream().mapToInt(key -> key.layer() + 1).max().orElse(0);
  }

  /** Returns the rank of a module, or 0 if this adapter leaves it alone. */
  public int rank(int layer, TargetModule module) {
    return rankOf(ModulePatterns.path(layer, module));
  }

  /** Returns the scaling of a module, or 0 if this adapter leaves it alone. */
  public double scaling(int layer, TargetModule module) {
    return loraA(layer, module).isPresent() ? scaling(ModulePatterns.path(layer, module)) : 0;
  }

  /**
   * Returns the scaling of a module's B, patterns considered.
   *
   * @param module a path, as in {@link #part(String, AdapterPart)}
   */
  public double scaling(String module) {
    return scalings.getOrDefault(module, config.scaling());
  }

  /**
   * Returns the rank of a module, or 0 if this adapter leaves it alone.
   *
   * @param module a path, as in {@link #part(String, AdapterPart)}
   */
  public int rankOf(String module) {
    return part(module, AdapterPart.LORA_A).isPresent() ? rank(module) : 0;
  }

  /** Returns the paths of the linear maps with A and B: layer by layer, map by map. */
  public List<String> adaptedPaths() {
    return parts.keySet().stream()
        .filter(key -> key.part() == AdapterPart.LORA_A && !key.isVocabulary())
        .sorted(
            Comparator.comparingInt(AdapterKey::layer)
                .thenComparing(AdapterKey::module)
                .thenComparingInt(AdapterKey::expert))
        .map(AdapterKey::path)
        .toList();
  }

  /** The rank that a module of this adapter has or would have. */
  int rank(String path) {
    return ranks.getOrDefault(path, config.rank());
  }

  /** Returns A [rank, in] of a module, if this adapter adapts it; of the first of experts. */
  public Optional<HostTensor> loraA(int layer, TargetModule module) {
    return part(layer, module, AdapterPart.LORA_A);
  }

  /** Returns B [out, rank] of a module, if this adapter adapts it. */
  public Optional<HostTensor> loraB(int layer, TargetModule module) {
    return part(layer, module, AdapterPart.LORA_B);
  }

  /** Returns a tensor of a linear map, if this adapter has it. */
  public Optional<HostTensor> part(int layer, TargetModule module, AdapterPart part) {
    return part(ModulePatterns.path(layer, module), part);
  }

  /**
   * Returns a tensor of a module, if this adapter has it.
   *
   * @param module {@link #EMBEDDING}, {@link #HEAD}, or the path of a linear map
   */
  public Optional<HostTensor> part(String module, AdapterPart part) {
    return Optional.ofNullable(parts.get(new AdapterKey(module, part)));
  }

  /**
   * Returns what takes the place of a module's weight, if anything does. As PEFT reads a weight
   * that is not one of the modules to save into the base itself, it stands for what the base ties
   * to that module, too.
   *
   * @param module {@link #EMBEDDING} or {@link #HEAD}
   * @param tied whether the base's head is its embedding
   */
  public Optional<HostTensor> weight(String module, boolean tied) {
    if (!tied || targets.saves(module)) {
      return part(module, AdapterPart.WEIGHT);
    }
    return Stream.of(HEAD, EMBEDDING)
        .filter(either -> !targets.saves(either))
        .flatMap(either -> part(either, AdapterPart.WEIGHT).stream())
        .findFirst();
  }

  /**
   * Returns which rows of a module's weight {@link AdapterPart#TOKENS} takes the place of.
   *
   * @param module {@link #EMBEDDING} or {@link #HEAD}
   */
  public List<Integer> tokens(String module) {
    return targets.tokens().entrySet().stream()
        .filter(entry -> PeftTargets.means(entry.getKey(), module))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(List.of());
  }

  /** Tells whether this adapter is A and B of linear maps and nothing else. */
  public boolean isPlain() {
    return parts.keySet().stream().allMatch(key -> isOne(key, PLAIN));
  }

  /**
   * Checks that this adapter is A and B of linear maps and nothing else.
   *
   * @param purpose what it is for, such as "be merged"
   * @throws AdapterException naming what else it holds
   */
  public void requirePlain(String purpose) {
    requireOnly(PLAIN, purpose);
  }

  /**
   * Checks that this adapter holds nothing but some parts of linear maps.
   *
   * @param purpose what it is for, such as "be trained"
   * @throws AdapterException naming what else it holds
   */
  public void requireOnly(Set<AdapterPart> known, String purpose) {
    for (AdapterKey key : parts.keySet()) {
      if (!isOne(key, known)) {
        throw new AdapterException(
            "The adapter cannot "
                + purpose
                + ": it holds "
                + key.part().suffix()
                + " of "
                + key.path()
                + ". Use one without it.");
      }
    }
  }

  private static boolean isOne(AdapterKey key, Set<AdapterPart> known) {
    return known.contains(key.part()) && !key.isVocabulary();
  }

  /**
   * Checks that every module of this adapter exists in a model and has its widths, and that the
   * adapter holds the tensors of all modules of the model that it targets.
   *
   * @throws AdapterException naming the module, the shape found and the shape expected, or the
   *     modules and layers without tensors
   */
  public void checkFits(ModelConfig model) {
    new AdapterCheck(this).checkFits(model);
  }

  /**
   * Computes a hash of the tensors, 64 hexadecimal digits: a SHA-256 over every key, type, shape
   * and byte in the order of the keys. Two adapters with the same hash hold the same weights.
   */
  public String sha256() {
    MessageDigest digest = Sha256.newDigest();
    new TreeMap<>(tensors)
        .forEach(
            (key, tensor) -> {
              digest.update((key + " " + tensor + "\n").getBytes(StandardCharsets.UTF_8));
              digest.update(tensor.data());
            });
    return HexFormat.of().formatHex(digest.digest());
  }
}
