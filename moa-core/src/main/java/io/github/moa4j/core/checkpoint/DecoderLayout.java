package io.github.moa4j.core.checkpoint;

import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.ATTENTION_OUTPUT_NORM;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.DOWN;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.EXPERT_DOWN;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.EXPERT_GATE_UP;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.FEED_FORWARD_NORM;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.FEED_FORWARD_OUTPUT_NORM;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.GATE_UP;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.INPUT_NORM;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.OUTPUT;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.QUERIES_KEYS_VALUES;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.QUERY_KEY_NORM;
import static io.github.moa4j.core.checkpoint.DecoderLayout.Place.ROUTER;

import io.github.moa4j.core.config.DecoderDesign.Norms;
import io.github.moa4j.core.config.Experts;
import io.github.moa4j.core.config.ModelConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The tensors of a decoder as data: how they are named in a checkpoint, their shapes, and which of
 * them the kernel keeps as one. A family with other names, more norms or maps that are fused on
 * disk is another list of {@link Part}s; a place that only it has is another {@link Place}.
 *
 * <p>Immutable.
 */
public final class DecoderLayout {

  static final String LM_HEAD = "lm_head.weight";

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String FINAL_NORM = "model.norm.weight";
  static final String LAYERS = "model.layers.";

  private final ModelConfig config;
  private final Map<String, Part> dense; // of a layer, by path
  private final Map<String, Part> sparse; // of one with experts
  private final Map<String, Part> shares; // of parameters that all experts have, by path

  private DecoderLayout(
      ModelConfig config, List<Part> dense, List<Part> sparse, List<Part> shares) {
    this.config = config;
    this.dense = byPath(dense);
    this.sparse = byPath(sparse);
    this.shares = byPath(shares);
  }

  private static Map<String, Part> byPath(List<Part> parts) {
    Map<String, Part> paths = new LinkedHashMap<>();
    parts.forEach(part -> paths.put(part.path(), part));
    return paths;
  }

  /** Where the kernel keeps a part of a layer, in the kernel's order. */
  public enum Place {
    /** The norm before the attention. */
    INPUT_NORM,
    /** A row for each query head and each key head. */
    QUERY_KEY_NORM,
    /** The norm before the feed-forward layer. */
    FEED_FORWARD_NORM,
    /** The norm of what the attention gives. */
    ATTENTION_OUTPUT_NORM,
    /** The norm of what the feed-forward layer gives. */
    FEED_FORWARD_OUTPUT_NORM,
    /** The projections to queries, keys and values, one matrix below the other. */
    QUERIES_KEYS_VALUES,
    /** The projection of the attention's output. */
    OUTPUT,
    /** The projections into the feed-forward layer, gate above up. */
    GATE_UP,
    /** The projection out of the feed-forward layer. */
    DOWN,
    /** The projections into an expert, gate above up. */
    EXPERT_GATE_UP,
    /** The projection out of an expert. */
    EXPERT_DOWN,
    /** What finds out which experts a token takes: the model's own, never trained. */
    ROUTER;

    /** Tells whether this is a linear map that can be adapted. */
    public boolean isLinear() {
      return compareTo(QUERIES_KEYS_VALUES) >= 0 && this != ROUTER;
    }

    /** Tells whether every expert of a layer has one. */
    public boolean isOfExperts() {
      return this == EXPERT_GATE_UP || this == EXPERT_DOWN;
    }

    private boolean isNorm() {
      return compareTo(QUERIES_KEYS_VALUES) < 0;
    }
  }

  /**
   * A linear map or a norm of a layer, as a checkpoint stores it.
   *
   * @param place where the kernel keeps it; parts of one place lie one below the other
   * @param path its name below the layer, such as {@code self_attn.q_proj}
   * @param outputSize rows of the weight; the weight's size of a norm
   * @param inputSize columns of the weight; 1 of a norm
   * @param bias whether a vector of {@code outputSize} is added
   * @param copies how many rows of the place the weight fills; 1 but of a norm that heads share
   * @param expert number of the expert that it belongs to; 0 outside of experts
   */
  public record Part(
      Place place,
      String path,
      int outputSize,
      int inputSize,
      boolean bias,
      int copies,
      int expert) {

    private static Part linear(
        Place place, String path, int outputSize, int inputSize, boolean bias) {
      return new Part(place, path, outputSize, inputSize, bias, 1, 0);
    }

    private static Part norm(Place place, String path, int size) {
      return norm(place, path, size, 1);
    }

    private static Part norm(Place place, String path, int size, int copies) {
      return new Part(place, path, size, 1, false, copies, 0);
    }

    private long[] shape() {
      return place.isNorm() ? new long[] {outputSize} : new long[] {outputSize, inputSize};
    }
  }

  /** Returns the layout of a model of that shape. */
  public static DecoderLayout of(ModelConfig config) {
    List<Part> attention = attention(config);
    List<Part> dense = new ArrayList<>(attention);
    dense.addAll(feedForward(config));
    List<Part> sparse = new ArrayList<>(attention);
    sparse.addAll(experts(config));
    return new DecoderLayout(config, dense, sparse, ExpertParameters.shares(config));
  }

  /** A layer's norms and the maps of its attention. */
  private static List<Part> attention(ModelConfig config) {
    int hidden = config.hiddenSize();
    int queries = config.numAttentionHeads() * config.headDim();
    int keys = config.numKeyValueHeads() * config.headDim();
    boolean bias = config.attentionBias();
    Norms norms = config.design().norms();
    List<Part> parts = new ArrayList<>();
    if (norms != Norms.AFTER) {
      parts.add(Part.norm(INPUT_NORM, "input_layernorm", hidden));
    }
    if (config.design().fusedMaps()) {
      parts.add(
          Part.linear(QUERIES_KEYS_VALUES, "self_attn.qkv_proj", queries + 2 * keys, hidden, bias));
    } else {
      parts.add(Part.linear(QUERIES_KEYS_VALUES, "self_attn.q_proj", queries, hidden, bias));
      parts.add(Part.linear(QUERIES_KEYS_VALUES, "self_attn.k_proj", keys, hidden, bias));
      parts.add(Part.linear(QUERIES_KEYS_VALUES, "self_attn.v_proj", keys, hidden, bias));
    }
    parts.add(Part.linear(OUTPUT, "self_attn.o_proj", hidden, queries, config.outputBias()));
    if (config.queryKeyNorm()) {
      boolean rows = config.design().rowNorms();
      int size = config.headDim();
      parts.add(
          rows
              ? Part.norm(QUERY_KEY_NORM, "self_attn.q_norm", queries)
              : Part.norm(QUERY_KEY_NORM, "self_attn.q_norm", size, config.numAttentionHeads()));
      parts.add(
          rows
              ? Part.norm(QUERY_KEY_NORM, "self_attn.k_norm", keys)
              : Part.norm(QUERY_KEY_NORM, "self_attn.k_norm", size, config.numKeyValueHeads()));
    }
    // Llama has this name for the norm that others call pre_feedforward_layernorm.
    parts.add(
        Part.norm(
            norms == Norms.BEFORE ? FEED_FORWARD_NORM : ATTENTION_OUTPUT_NORM,
            "post_attention_layernorm",
            hidden));
    if (norms == Norms.AROUND) {
      parts.add(Part.norm(FEED_FORWARD_NORM, "pre_feedforward_layernorm", hidden));
    }
    if (norms != Norms.BEFORE) {
      parts.add(Part.norm(FEED_FORWARD_OUTPUT_NORM, "post_feedforward_layernorm", hidden));
    }
    return parts;
  }

  private static List<Part> feedForward(ModelConfig config) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    boolean bias = config.mlpBias();
    List<Part> parts = new ArrayList<>();
    if (config.design().fusedMaps()) {
      parts.add(Part.linear(GATE_UP, "mlp.gate_up_proj", 2 * inner, hidden, bias));
    } else {
      parts.add(Part.linear(GATE_UP, "mlp.gate_proj", inner, hidden, bias));
      parts.add(Part.linear(GATE_UP, "mlp.up_proj", inner, hidden, bias));
    }
    parts.add(Part.linear(DOWN, "mlp.down_proj", hidden, inner, bias));
    return parts;
  }

  private static List<Part> experts(ModelConfig config) {
    Experts experts = config.experts();
    Experts.Names names = experts.names();
    int hidden = config.hiddenSize();
    int inner = experts.intermediateSize();
    List<Part> parts = new ArrayList<>();
    parts.add(Part.linear(ROUTER, names.router(), experts.count(), hidden, false));
    for (int expert = 0; expert < experts.count(); expert++) {
      String path = names.path() + "." + expert + ".";
      parts.add(new Part(EXPERT_GATE_UP, path + names.gate(), inner, hidden, false, 1, expert));
      parts.add(new Part(EXPERT_GATE_UP, path + names.up(), inner, hidden, false, 1, expert));
      parts.add(new Part(EXPERT_DOWN, path + names.down(), hidden, inner, false, 1, expert));
    }
    return parts;
  }

  /** Returns the path of one expert's share of a parameter that all experts of a layer have. */
  public static String share(String parameter, int expert) {
    return parameter + "[" + expert + "]";
  }

  /** Returns the parts of a layer in the order in which a checkpoint is fingerprinted. */
  public Collection<Part> layer(int index) {
    return parts(index).values();
  }

  private Map<String, Part> parts(int index) {
    return config.experts().in(index) ? sparse : dense;
  }

  /** Tells whether a layer has a part of that name below it. */
  public boolean has(int index, String path) {
    return parts(index).containsKey(path)
        || (config.experts().in(index) && shares.containsKey(path));
  }

  /** Tells whether some layer has a part of that name below it. */
  public boolean has(String path) {
    return find(path).isPresent();
  }

  private Optional<Part> find(String path) {
    Experts experts = config.experts();
    if (experts.exist() && (sparse.containsKey(path) || shares.containsKey(path))) {
      return Optional.of(sparse.getOrDefault(path, shares.get(path)));
    }
    boolean other = !experts.exist() || experts.layers().contains(false);
    return Optional.ofNullable(other ? dense.get(path) : null);
  }

  /**
   * Returns a part of a layer.
   *
   * @param path its name below the layer, such as {@code self_attn.q_proj}
   * @throws IllegalArgumentException if a layer has none of that name
   */
  public Part part(String path) {
    return find(path)
        .orElseThrow(() -> new IllegalArgumentException("A layer has no " + path + "."));
  }

  /** Returns the name of the embedding matrix, [vocabSize, hiddenSize]. */
  public String embedding() {
    return EMBEDDING;
  }

  /** Returns the name of the last norm's weight, [hiddenSize]. */
  public String finalNorm() {
    return FINAL_NORM;
  }

  /** Returns the name of the output projection, [vocabSize, hiddenSize]: the embedding if tied. */
  public String head() {
    return config.tieWordEmbeddings() ? EMBEDDING : LM_HEAD;
  }

  /**
   * Returns the weights that fill a place of a layer from top to bottom: a name stands there once
   * for each of its copies. Empty where the model has nothing there.
   */
  public List<String> weights(int index, Place place) {
    return names(index, place, part -> true, ".weight");
  }

  /** Returns the weights of an expert's place likewise. */
  public List<String> weights(int index, int expert, Place place) {
    return names(index, place, part -> part.expert() == expert, ".weight");
  }

  /** Returns the biases of a place likewise. */
  public List<String> biases(int index, Place place) {
    return names(index, place, Part::bias, ".bias");
  }

  private List<String> names(int index, Place place, Predicate<Part> present, String suffix) {
    return layer(index).stream()
        .filter(part -> part.place() == place && present.test(part))
        .flatMap(part -> Collections.nCopies(part.copies(), name(index, part, suffix)).stream())
        .toList();
  }

  static String name(int index, Part part, String suffix) {
    return LAYERS + index + "." + part.path() + suffix;
  }

  /** Returns name and shape of every tensor in canonical order: embedding, layers, norm, head. */
  public Map<String, long[]> tensors() {
    Map<String, long[]> tensors = new LinkedHashMap<>();
    tensors.put(EMBEDDING, new long[] {config.vocabSize(), config.hiddenSize()});
    for (int index = 0; index < config.numHiddenLayers(); index++) {
      for (Part part : layer(index)) {
        tensors.put(name(index, part, ".weight"), part.shape());
        if (part.bias()) {
          tensors.put(name(index, part, ".bias"), new long[] {part.outputSize()});
        }
      }
    }
    tensors.put(FINAL_NORM, new long[] {config.hiddenSize()});
    tensors.put(head(), new long[] {config.vocabSize(), config.hiddenSize()});
    return tensors;
  }
}
