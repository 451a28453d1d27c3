package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.DecoderLayout;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an adapter must be: whole and finite in itself, and of one shape with the base that it is
 * applied to.
 */
final class AdapterCheck {

  private static final Set<DataType> WEIGHT_TYPES =
      Collections.unmodifiableSet(EnumSet.of(DataType.F32, DataType.BF16, DataType.F16));
  private static final int NAMED = 7; // modules that a message names

  private final LoraAdapter adapter;
  private final LoraConfig config;
  private final Map<AdapterKey, HostTensor> parts;

  AdapterCheck(LoraAdapter adapter) {
    this.adapter = adapter;
    this.config = adapter.config();
    this.parts = adapter.parts();
  }

  /** Checks what can be checked without a base. */
  void checkContent() {
    if (parts.isEmpty()) {
      throw new AdapterException("The adapter holds no tensors.");
    }
    adapter
        .tensors()
        .forEach(
            (name, tensor) -> {
              AdapterKey key = AdapterKey.of(name);
              checkPlace(name, key);
              checkValues(name, tensor);
              checkRank(name, key, tensor.shape());
            });
    Set<TargetModule> missing = EnumSet.noneOf(TargetModule.class);
    missing.addAll(config.targetModules());
    missing.removeIf(TargetModule::isOfExperts); // a configuration may name those of all bases
    parts.keySet().forEach(key -> missing.remove(key.module()));
    if (!missing.isEmpty()) {
      throw new AdapterException(
          "The adapter holds no tensors of its target modules "
              + missing.stream().map(TargetModule::peftName).toList()
              + ".");
    }
  }

  private void checkPlace(String name, AdapterKey key) {
    TargetModule module = key.module();
    boolean factor = key.part() == AdapterPart.LORA_A || key.part() == AdapterPart.LORA_B;
    if (factor && module != null && !config.targetModules().contains(module)) {
      throw new AdapterException(
          "The tensor " + name + " belongs to no target module of the adapter's configuration.");
    }
    if (factor) {
      AdapterPart other =
          key.part() == AdapterPart.LORA_A ? AdapterPart.LORA_B : AdapterPart.LORA_A;
      if (!parts.containsKey(new AdapterKey(key.path(), other))) {
        throw new AdapterException(
            "The adapter holds " + name + " but not " + sibling(name, other) + ".");
      }
    }
    boolean known =
        switch (key.part()) {
          case MAGNITUDE -> config.useDora();
          case LORA_BIAS -> config.loraBias();
          case BIAS -> !adapter.targets().bias().equals("none");
          case TOKENS -> !adapter.tokens(key.path()).isEmpty();
          default -> true;
        };
    if (!known) {
      throw new AdapterException(
          "The adapter holds " + name + ", of which its configuration knows nothing.");
    }
    if (key.part() == AdapterPart.MAGNITUDE
        && key.isVocabulary()
        && !adapter.targets().tokens().isEmpty()) {
      throw new AdapterException(
          "The adapter holds " + name + " beside trained tokens, which cannot be joined.");
    }
    boolean fromPosition = !config.aloraInvocationTokens().isEmpty();
    // Beside A and B of a head PEFT keeps the base's own weight, which changes nothing.
    boolean mayApply =
        factor
            || key.part() == AdapterPart.LORA_BIAS
            || (key.part() == AdapterPart.WEIGHT
                && parts.containsKey(new AdapterKey(key.path(), AdapterPart.LORA_A)));
    if (fromPosition && (!mayApply || key.path().equals(LoraAdapter.EMBEDDING))) {
      throw new AdapterException(
          "The adapter applies from its invocation tokens on, but holds "
              + name
              + ", which would change what stands before them.");
    }
  }

  private static String sibling(String name, AdapterPart other) {
    return other == AdapterPart.LORA_B
        ? name.replace("lora_A", "lora_B").replace("embedding_A", "embedding_B")
        : name.replace("lora_B", "lora_A").replace("embedding_B", "embedding_A");
  }

  /** Checks that a tensor is of a type that weights have, two bytes or four. */
  static void checkType(String name, HostTensor tensor) {
    if (!WEIGHT_TYPES.contains(tensor.dataType())) {
      throw new AdapterException(
          name + " is stored as " + tensor.dataType() + ", expected one of " + WEIGHT_TYPES + ".");
    }
  }

  private static void checkValues(String name, HostTensor tensor) {
    checkType(name, tensor);
    for (float value : tensor.toFloatArray()) {
      if (!Float.isFinite(value)) {
        throw new AdapterException(
            "The tensor " + name + " holds the value " + value + "; the adapter is damaged.");
      }
    }
  }

  private void checkRank(String name, AdapterKey key, long[] shape) {
    boolean isA = key.part() == AdapterPart.LORA_A;
    if (!isA && key.part() != AdapterPart.LORA_B) {
      return;
    }
    int rank = adapter.rank(key.path());
    if (shape.length != 2 || shape[isA ? 0 : 1] != rank) {
      throw new AdapterException(
          name
              + " has the shape "
              + Arrays.toString(shape)
              + ", but the configuration gives this module the rank "
              + rank
              + ", so "
              + (isA ? "[" + rank + ", in]" : "[out, " + rank + "]")
              + " was expected.");
    }
  }

  /** Checks that it can be applied to a base. */
  void checkFits(ModelConfig model) {
    DecoderLayout layout = DecoderLayout.of(model);
    parts.forEach((key, tensor) -> checkShape(key, tensor, model, layout));
    try {
      checkComplete(paths(model, !adapter.targets().parameters().isEmpty()));
    } catch (AdapterException e) {
      throw new AdapterException(
          "The adapter does not fit the base model of "
              + model.numHiddenLayers()
              + " layers: "
              + e.getMessage(),
          e);
    }
  }

  private static List<String> paths(ModelConfig model, boolean parameters) {
    List<String> paths = new ArrayList<>(List.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD));
    TargetModule.of(model, parameters).forEach(module -> paths.addAll(module.paths(model)));
    return paths;
  }

  private void checkShape(
      AdapterKey key, HostTensor tensor, ModelConfig model, DecoderLayout layout) {
    if (key.layer() >= model.numHiddenLayers()) {
      throw new AdapterException(
          "The adapter does not fit the base model: it adapts "
              + key.path()
              + ", but the model has only the layers 0 to "
              + (model.numHiddenLayers() - 1)
              + ".");
    }
    TargetModule module = key.module();
    if (module != null && !layout.has(key.layer(), module.path(key.expert()))) {
      throw new AdapterException(
          "The adapter does not fit the base model: it adapts "
              + key.path()
              + ", but the maps of a layer are "
              + names(model, layout, key.layer())
              + ".");
    }
    if (key.part() == AdapterPart.BIAS && !hasBias(module, model)) {
      throw new AdapterException(
          "The adapter does not fit the base model: it replaces the bias of "
              + key.path()
              + ", which has none in the base.");
    }
    long[] expected = expectedShape(key, model, layout);
    if (!Arrays.equals(tensor.shape(), expected)) {
      throw new AdapterException(
          "The adapter does not fit the base model: "
              + key.part().suffix().replace(".weight", "")
              + " of "
              + key.path()
              + " has the shape "
              + Arrays.toString(tensor.shape())
              + ", expected "
              + Arrays.toString(expected)
              + "."
              + (key.isVocabulary()
                  ? " An adapter with a vocabulary of its own needs a base of that vocabulary."
                  : ""));
    }
    if (key.part() == AdapterPart.TOKENS
        && adapter.tokens(key.path()).stream().anyMatch(token -> token >= model.vocabSize())) {
      throw new AdapterException(
          "The adapter does not fit the base model: it replaces the tokens "
              + adapter.tokens(key.path()).stream().limit(NAMED).toList()
              + " of "
              + key.path()
              + ", but the vocabulary has "
              + model.vocabSize()
              + ".");
    }
  }

  /** What a layer has; of experts their number too. */
  private static List<String> names(ModelConfig model, DecoderLayout layout, int layer) {
    return TargetModule.of(model).stream()
        .filter(module -> layout.has(layer, module.path()))
        .map(
            module ->
                module.isOfExperts()
                    ? module.peftName() + " of " + model.experts().count() + " experts"
                    : module.peftName())
        .toList();
  }

  private static boolean hasBias(TargetModule module, ModelConfig model) {
    return switch (module) {
      case Q_PROJ, K_PROJ, V_PROJ, QKV_PROJ -> model.attentionBias();
      case O_PROJ -> model.outputBias();
      default -> model.mlpBias();
    };
  }

  private long[] expectedShape(AdapterKey key, ModelConfig model, DecoderLayout layout) {
    TargetModule module = key.module();
    boolean embedding = key.path().equals(LoraAdapter.EMBEDDING);
    long in = module != null ? layout.part(module.path()).inputSize() : model.hiddenSize();
    long out = module != null ? layout.part(module.path()).outputSize() : model.vocabSize();
    int rank = adapter.rank(key.path());
    return switch (key.part()) {
      case LORA_A -> new long[] {rank, embedding ? out : in};
      case LORA_B -> new long[] {embedding ? in : out, rank};
      case WEIGHT -> new long[] {out, in};
      case TOKENS -> new long[] {adapter.tokens(key.path()).size(), in};
      default -> new long[] {embedding ? in : out};
    };
  }

  /** Checks that the tensors are those of the targets among the modules of a base. */
  void checkComplete(List<String> paths) {
    Set<String> targets = adapter.targets().among(paths);
    for (AdapterKey key : parts.keySet()) {
      boolean tied = adapter.targets().tied() && key.path().equals(LoraAdapter.HEAD);
      if (key.part() == AdapterPart.LORA_A && !tied && !targets.contains(key.path())) {
        throw new AdapterException(
            "It holds tensors of " + key.path() + ", which is no target of its configuration.");
      }
    }
    requireAll(targets, AdapterPart.LORA_A, "targets");
    requireAll(config.useDora() ? targets : Set.of(), AdapterPart.MAGNITUDE, "DoRA's lengths");
    requireAll(config.loraBias() ? targets : Set.of(), AdapterPart.LORA_BIAS, "biases of B");
    requireAll(named(adapter.targets().saved()), AdapterPart.WEIGHT, "modules to save");
    requireAll(named(adapter.targets().tokens().keySet()), AdapterPart.TOKENS, "trained tokens");
  }

  private static Set<String> named(Collection<String> names) {
    Set<String> paths = new LinkedHashSet<>();
    for (String path : List.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD)) {
      if (names.stream().anyMatch(name -> PeftTargets.means(name, path))) {
        paths.add(path);
      }
    }
    return paths;
  }

  private void requireAll(Set<String> paths, AdapterPart part, String what) {
    List<String> missing = new ArrayList<>(paths);
    missing.removeIf(path -> parts.containsKey(new AdapterKey(path, part)));
    if (!missing.isEmpty()) {
      throw new AdapterException(
          "It lacks the tensors of "
              + missing.stream().limit(NAMED).collect(Collectors.joining(", "))
              + (missing.size() > NAMED ? " and " + (missing.size() - NAMED) + " more" : "")
              + ", "
              + what
              + " of its configuration. Its file was cut short, or it belongs to a base of another"
              + " depth: copy it again, or use the base that it was trained on.");
    }
  }
}
