package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.config.ModelConfig;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The linear maps of a decoder layer that a LoRA can adapt: seven, of which a base may keep some as
 * one matrix, which is then adapted as one.
 */
public enum TargetModule {
  /** Query projection. */
  Q_PROJ("self_attn", "q_proj"),
  /** Key projection. */
  K_PROJ("self_attn", "k_proj"),
  /** Value projection. */
  V_PROJ("self_attn", "v_proj"),
  /** Queries, keys and values in one, where a base has that. */
  QKV_PROJ("self_attn", "qkv_proj"),
  /** Output projection of the attention. */
  O_PROJ("self_attn", "o_proj"),
  /** Gate of the feed-forward layer. */
  GATE_PROJ("mlp", "gate_proj"),
  /** Up projection of the feed-forward layer. */
  UP_PROJ("mlp", "up_proj"),
  /** Gate and up in one, where a base has that. */
  GATE_UP_PROJ("mlp", "gate_up_proj"),
  /** Down projection of the feed-forward layer. */
  DOWN_PROJ("mlp", "down_proj"),
  /** Gate of an expert. */
  EXPERT_GATE_PROJ("mlp.experts", "gate_proj"),
  /** Up projection of an expert. */
  EXPERT_UP_PROJ("mlp.experts", "up_proj"),
  /** Down projection of an expert. */
  EXPERT_DOWN_PROJ("mlp.experts", "down_proj"),
  /** Gate of an expert, where a base calls it so. */
  W1("block_sparse_moe.experts", "w1"),
  /** Up projection of such an expert. */
  W3("block_sparse_moe.experts", "w3"),
  /** Down projection of such an expert. */
  W2("block_sparse_moe.experts", "w2"),
  /**
   * Gate and up of an expert in one, of an adapter that knows those of all experts of a layer as
   * one parameter: PEFT's {@code target_parameters}, its way since transformers 5.
   */
  EXPERTS_GATE_UP_PROJ("mlp.experts", "gate_up_proj", true),
  /** Down projection of an expert, of such an adapter. */
  EXPERTS_DOWN_PROJ("mlp.experts", "down_proj", true);

  private static final String ATTENTION = "self_attn";
  private static final String EXPERTS = ".experts";
  private static final int MOST_DIGITS = 5;

  private final String parent;
  private final String peftName;
  private final String plainPath;
  private final boolean parameter;

  TargetModule(String parent, String peftName) {
    this(parent, peftName, false);
  }

  TargetModule(String parent, String peftName, boolean parameter) {
    this.parent = parent;
    this.peftName = peftName;
    this.plainPath = parent + "." + peftName;
    this.parameter = parameter;
  }

  /** Tells whether every expert of a layer has this map. */
  public boolean isOfExperts() {
    return parent.endsWith(EXPERTS);
  }

  /** Tells whether this is one expert's share of a parameter that all experts of a layer have. */
  public boolean isOfParameter() {
    return parameter;
  }

  /** Returns the name that Hugging Face and PEFT use, such as {@code q_proj}. */
  public String peftName() {
    return peftName;
  }

  /**
   * Returns the path below the decoder layer, such as {@code self_attn.q_proj}; of a map that every
   * expert has, that of the first expert.
   */
  public String path() {
    return path(0);
  }

  /**
   * Returns the path below the decoder layer, of a map that every expert has that of an expert; of
   * a share of a parameter its path with the number behind it, {@code mlp.experts.gate_up_proj[3]}.
   */
  public String path(int expert) {
    if (parameter) {
      return DecoderLayout.share(plainPath, expert);
    }
    return isOfExperts() ? parent + "." + expert + "." + peftName : plainPath;
  }

  /** Returns the path of the parameter that this has a share of, below the decoder layer. */
  String parameterPath() {
    return plainPath;
  }

  /** Whether a path below the decoder layer is this map's. */
  boolean hasPath(String path) {
    if (!isOfExperts()) {
      return path.equals(plainPath);
    }
    String before = parameter ? plainPath : parent;
    String behind = parameter ? "]" : "." + peftName;
    int start = before.length() + 1;
    int end = path.length() - behind.length();
    return path.startsWith(before)
        && path.endsWith(behind)
        && end > start
        && end - start <= MOST_DIGITS
        && path.equals(path(number(path, start, end)));
  }

  private static int number(String path, int start, int end) {
    int number = 0;
    for (int i = start; i < end; i++) {
      number = 10 * number + path.charAt(i) - '0';
    }
    return number;
  }

  /** Returns the paths of this map in all layers of a model that have it, and all experts. */
  public List<String> paths(ModelConfig config) {
    DecoderLayout layout = DecoderLayout.of(config);
    List<String> paths = new ArrayList<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      if (layout.has(layer, path())) {
        for (int expert = 0; expert < (isOfExperts() ? config.experts().count() : 1); expert++) {
          paths.add("model.layers." + layer + "." + path(expert));
        }
      }
    }
    return paths;
  }

  /** Returns the maps that a layer of a model has, in the order of the enumeration. */
  public static List<TargetModule> of(ModelConfig config) {
    return of(config, false);
  }

  /**
   * Returns the maps that a layer of a model has, in the order of the enumeration.
   *
   * @param parameters whether those of experts are shares of parameters
   */
  public static List<TargetModule> of(ModelConfig config, boolean parameters) {
    DecoderLayout layout = DecoderLayout.of(config);
    return Stream.of(values())
        .filter(module -> !module.isOfExperts() || module.parameter == parameters)
        .filter(module -> layout.has(module.path()))
        .toList();
  }

  /** Returns the maps that every token passes through: all but those of experts. */
  public static Set<TargetModule> outsideOfExperts() {
    return Stream.of(values())
        .filter(module -> !module.isOfExperts())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(TargetModule.class)));
  }

  /** Returns the maps of which this is made: itself, unless it is several in one. */
  List<TargetModule> pieces() {
    return switch (this) {
      case QKV_PROJ -> List.of(Q_PROJ, K_PROJ, V_PROJ);
      case GATE_UP_PROJ -> List.of(GATE_PROJ, UP_PROJ);
      case W1 -> List.of(EXPERT_GATE_PROJ);
      case W3 -> List.of(EXPERT_UP_PROJ);
      case W2, EXPERTS_DOWN_PROJ -> List.of(EXPERT_DOWN_PROJ);
      case EXPERTS_GATE_UP_PROJ -> List.of(EXPERT_GATE_PROJ, EXPERT_UP_PROJ);
      default -> List.of(this);
    };
  }

  /** Whether a base may keep this in one with others. */
  boolean isPiece() {
    return Stream.of(values()).anyMatch(whole -> whole.isFused() && whole.pieces().contains(this));
  }

  boolean isOfAttention() {
    return parent.equals(ATTENTION);
  }

  /** Whether a layer of which these are adapted may have this of the feed-forward network. */
  boolean mayStandBeside(Set<TargetModule> others) {
    return others.isEmpty()
        ? !isOfExperts()
        : others.stream()
            .anyMatch(other -> other.parent.equals(parent) && other.parameter == parameter);
  }

  /** Whether this is another name, or another form, of maps that this enumeration has too. */
  boolean isOtherForm() {
    return !pieces().equals(List.of(this));
  }

  /** Tells whether this is several maps in one matrix of the base. */
  boolean isFused() {
    return pieces().size() > 1 && !parameter;
  }

  /** Returns the input width of this map in a model of that shape. */
  public int inputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).inputSize();
  }

  /** Returns the output width of this map in a model of that shape. */
  public int outputSize(ModelConfig config) {
    return DecoderLayout.of(config).part(path()).outputSize();
  }
}
