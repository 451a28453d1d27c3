package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One LoRA in host memory: its configuration and, for each adapted map of each layer, A [rank, in]
 * and B [out, rank] under PEFT's names. What it holds is complete and finite; whether it fits a
 * base is asked with {@link #checkFits}.
 *
 * <p>Immutable and thread-safe. The tensors live on the Java heap, so the files an adapter came
 * from may be changed or removed.
 */
public final class LoraAdapter {

  private static final Pattern KEY =
      Pattern.compile(
          "base_model\\.model\\.model\\.layers\\.(0|[1-9]\\d{0,3})\\.(.+)\\.(lora_[AB])\\.weight");
  private static final Set<DataType> WEIGHT_TYPES =
      Collections.unmodifiableSet(EnumSet.of(DataType.F32, DataType.BF16, DataType.F16));

  private final LoraConfig config;
  private final Map<String, HostTensor> tensors;
  private final PeftTargets targets;

  private LoraAdapter(LoraConfig config, Map<String, HostTensor> tensors, PeftTargets targets) {
    this.config = config;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.targets = targets;
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
    return of(config, tensors, PeftTargets.of(sites(tensors), false));
  }

  /**
   * Makes an adapter as {@link #of} does, for a base that has the layers which the tensors are of
   * and no more.
   *
   * @throws AdapterException as {@link #of} does
   */
  public static LoraAdapter ofEveryLayer(LoraConfig config, Map<String, HostTensor> tensors) {
    return of(config, tensors, PeftTargets.of(sites(tensors), true));
  }

  /** Makes an adapter as {@link #of} does, whose targets a configuration has named. */
  static LoraAdapter of(LoraConfig config, Map<String, HostTensor> tensors, PeftTargets targets) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    tensors.forEach((key, tensor) -> copies.put(key, copy(tensor)));
    if (copies.isEmpty()) {
      throw new AdapterException("The adapter holds no tensors.");
    }
    LoraAdapter adapter = new LoraAdapter(config, copies, targets);
    copies.forEach(adapter::check);
    adapter.checkTargets();
    return adapter;
  }

  private void checkTargets() {
    Set<TargetModule> missing = EnumSet.copyOf(config.targetModules());
    tensors.keySet().forEach(key -> missing.remove(Site.of(key).module));
    if (!missing.isEmpty()) {
      throw new AdapterException(
          "The adapter holds no tensors of its target modules "
              + missing.stream().map(TargetModule::peftName).toList()
              + ".");
    }
  }

  private static List<Site> sites(Map<String, HostTensor> tensors) {
    return tensors.keySet().stream().map(Site::of).toList();
  }

  private static HostTensor copy(HostTensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(tensor.data().remaining());
    return new HostTensor(tensor.dataType(), tensor.shape(), bytes.put(tensor.data()).flip());
  }

  /**
   * Returns PEFT's name of a tensor.
   *
   * @param side {@code lora_A} or {@code lora_B}
   */
  public static String key(int layer, TargetModule module, String side) {
    return "base_model.model." + ModulePatterns.path(layer, module) + "." + side + ".weight";
  }

  private void check(String key, HostTensor tensor) {
    Site site = Site.of(key);
    if (!config.targetModules().contains(site.module)) {
      throw new AdapterException(
          "The tensor " + key + " belongs to no target module of the adapter's configuration.");
    }
    String other = key(site.layer, site.module, site.isA ? "lora_B" : "lora_A");
    if (!tensors.containsKey(other)) {
      throw new AdapterException("The adapter holds " + key + " but not " + other + ".");
    }
    if (!WEIGHT_TYPES.contains(tensor.dataType())) {
      throw new AdapterException(
          key + " is stored as " + tensor.dataType() + ", expected one of " + WEIGHT_TYPES + ".");
    }
    checkRank(key, tensor.shape(), site);
    for (float value : tensor.toFloatArray()) {
      if (!Float.isFinite(value)) {
        throw new AdapterException(
            "The tensor " + key + " holds the value " + value + "; the adapter is damaged.");
      }
    }
  }

  private void checkRank(String key, long[] shape, Site site) {
    int rank = config.rank(site.layer, site.module);
    if (shape.length != 2 || shape[site.isA ? 0 : 1] != rank) {
      throw new AdapterException(
          key
              + " has the shape "
              + Arrays.toString(shape)
              + ", but the configuration gives this module the rank "
              + rank
              + ", so "
              + (site.isA ? "[" + rank + ", in]" : "[out, " + rank + "]")
              + " was expected.");
    }
  }

  /** Returns the configuration. */
  public LoraConfig config() {
    return config;
  }

  /** Returns the tensors by PEFT's key, in the order of the file or the map they came from. */
  public Map<String, HostTensor> tensors() {
    return tensors;
  }

  /** Returns the rank of a module, or 0 if this adapter leaves it alone. */
  public int rank(int layer, TargetModule module) {
    return loraA(layer, module).isPresent() ? config.rank(layer, module) : 0;
  }

  /** Returns the scaling of a module, or 0 if this adapter leaves it alone. */
  public double scaling(int layer, TargetModule module) {
    return loraA(layer, module).isPresent() ? config.scaling(layer, module) : 0;
  }

  /** Returns A [rank, in] of a module, if this adapter adapts it. */
  public Optional<HostTensor> loraA(int layer, TargetModule module) {
    return Optional.ofNullable(tensors.get(key(layer, module, "lora_A")));
  }

  /** Returns B [out, rank] of a module, if this adapter adapts it. */
  public Optional<HostTensor> loraB(int layer, TargetModule module) {
    return Optional.ofNullable(tensors.get(key(layer, module, "lora_B")));
  }

  PeftTargets targets() {
    return targets;
  }

  /** How many layers a base must have for this adapter. */
  int depth() {
    return sites(tensors).stream().mapToInt(site -> site.layer() + 1).max().orElse(0);
  }

  /**
   * Checks that every module of this adapter exists in a model and has its widths, and that the
   * adapter holds the tensors of all modules of the model that it targets.
   *
   * @throws AdapterException naming the module, the shape found and the shape expected, or the
   *     modules and layers without tensors
   */
  public void checkFits(ModelConfig model) {
    checkShapes(model);
    try {
      checkComplete(model.numHiddenLayers());
    } catch (AdapterException e) {
      throw new AdapterException(
          "The adapter does not fit the base model of "
              + model.numHiddenLayers()
              + " layers: "
              + e.getMessage(),
          e);
    }
  }

  /** Checks that the tensors are those of the targets in the first layers of a base. */
  void checkComplete(int depth) {
    Set<String> missing = targets.among(ModulePatterns.paths(depth));
    for (Site site : sites(tensors)) {
      String path = ModulePatterns.path(site.layer(), site.module());
      if (site.isA() && !missing.remove(path)) {
        throw new AdapterException(
            "It holds tensors of " + path + ", which is no target of its configuration.");
      }
    }
    if (!missing.isEmpty()) {
      throw new AdapterException(
          "It lacks the tensors of "
              + missing.stream().limit(7).collect(Collectors.joining(", "))
              + (missing.size() > 7 ? " and " + (missing.size() - 7) + " more" : "")
              + ", targets of its configuration. Its file was cut short, or it belongs to a base"
              + " of another depth: copy it again, or use the base that it was trained on.");
    }
  }

  private void checkShapes(ModelConfig model) {
    tensors.forEach(
        (key, tensor) -> {
          Site site = Site.of(key);
          String module = ModulePatterns.path(site.layer, site.module);
          if (site.layer >= model.numHiddenLayers()) {
            throw new AdapterException(
                "The adapter does not fit the base model: it adapts "
                    + module
                    + ", but the model has only the layers 0 to "
                    + (model.numHiddenLayers() - 1)
                    + ".");
          }
          int rank = config.rank(site.layer, site.module);
          long[] expected =
              site.isA
                  ? new long[] {rank, site.module.inputSize(model)}
                  : new long[] {site.module.outputSize(model), rank};
          if (!Arrays.equals(tensor.shape(), expected)) {
            throw new AdapterException(
                "The adapter does not fit the base model: "
                    + (site.isA ? "lora_A of " : "lora_B of ")
                    + module
                    + " has the shape "
                    + Arrays.toString(tensor.shape())
                    + ", expected "
                    + Arrays.toString(expected)
                    + ".");
          }
        });
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

  /** Where a tensor belongs, as its key says. */
  record Site(int layer, TargetModule module, boolean isA) {

    static Site of(String key) {
      Matcher matcher = KEY.matcher(key);
      if (matcher.matches()) {
        for (TargetModule module : TargetModule.values()) {
          if (module.path().equals(matcher.group(2))) {
            int layer = Integer.parseInt(matcher.group(1));
            return new Site(layer, module, matcher.group(3).equals("lora_A"));
          }
        }
      }
      throw new AdapterException(
          "The tensor "
              + Failure.quote(key)
              + " is none that can be applied; expected are keys such as "
              + key(0, TargetModule.Q_PROJ, "lora_A")
              + ".");
    }
  }
}
