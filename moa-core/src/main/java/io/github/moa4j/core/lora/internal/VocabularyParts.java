package io.github.moa4j.core.lora.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.kernel.internal.DecoderKernel;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AdapterPart;
import io.github.moa4j.core.lora.LoraAdapter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What an adapter does to the embedding and to the head, as the kernel takes it: 13 arrays. */
record VocabularyParts(DecoderKernel kernel, ModelConfig config, LoraAdapter adapter) {

  private static final List<AdapterPart> PARTS =
      List.of(
          AdapterPart.WEIGHT,
          AdapterPart.LORA_A,
          AdapterPart.LORA_B,
          AdapterPart.MAGNITUDE,
          AdapterPart.LORA_BIAS,
          AdapterPart.TOKENS);

  /** Whether the adapter does anything to them. */
  static boolean existIn(LoraAdapter adapter) {
    return PARTS.stream()
        .anyMatch(
            part ->
                Stream.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD)
                    .anyMatch(module -> adapter.part(module, part).isPresent()));
  }

  /** How many values a weight has that stands for the embedding and for the head tied to it. */
  static long tiedSize(ModelConfig config, LoraAdapter adapter) {
    return Stream.of(LoraAdapter.EMBEDDING, LoraAdapter.HEAD)
        .filter(module -> adapter.part(module, AdapterPart.WEIGHT).isEmpty())
        .flatMap(module -> adapter.weight(module, config.tieWordEmbeddings()).stream())
        .mapToLong(HostTensor::size)
        .sum();
  }

  /**
   * Brings the parts into native memory.
   *
   * @param manager owner of the arrays
   */
  NDList fuse(NDManager manager) {
    NDList embedding = fuse(manager, false);
    NDList head = fuse(manager, true);
    NDList arrays = new NDList();
    arrays.addAll(List.of(embedding.get(0), embedding.get(1), embedding.get(2), embedding.get(3)));
    arrays.add(ids(manager, LoraAdapter.EMBEDDING));
    arrays.add(embedding.get(5));
    arrays.addAll(List.of(head.get(0), head.get(1), head.get(2), head.get(3), head.get(4)));
    // A tied head is the embedding, and so are the rows of its trained tokens.
    boolean asEmbedding =
        config.tieWordEmbeddings() && adapter.part(LoraAdapter.HEAD, AdapterPart.TOKENS).isEmpty();
    arrays.add(ids(manager, asEmbedding ? LoraAdapter.EMBEDDING : LoraAdapter.HEAD));
    arrays.add(asEmbedding ? embedding.get(5) : head.get(5));
    return arrays;
  }

  private NDList fuse(NDManager manager, boolean ofHead) {
    String module = ofHead ? LoraAdapter.HEAD : LoraAdapter.EMBEDDING;
    try (NDManager scope = manager.newSubManager()) {
      NDList given = new NDList();
      for (AdapterPart part : PARTS) {
        given.add(
            found(module, part)
                .map(found -> array(scope, found))
                .orElseGet(() -> scope.zeros(new Shape(0))));
      }
      NDList fused = kernel.fuseVocabulary(manager, ofHead, given, adapter.scaling(module));
      if (fused.get(0).size() > 0 && !adapter.config().aloraInvocationTokens().isEmpty()) {
        throw new AdapterException(
            "The adapter applies from its invocation tokens on, but holds another weight of "
                + module
                + " than the base. Use one that leaves it alone, or the base it was trained on.");
      }
      return fused;
    }
  }

  private Optional<HostTensor> found(String module, AdapterPart part) {
    return part == AdapterPart.WEIGHT
        ? adapter.weight(module, config.tieWordEmbeddings())
        : adapter.part(module, part);
  }

  private static NDArray array(NDManager scope, HostTensor tensor) {
    return scope.create(tensor.toFloatArray(), new Shape(tensor.shape()));
  }

  private NDArray ids(NDManager manager, String module) {
    long[] ids = adapter.tokens(module).stream().mapToLong(id -> id).toArray();
    try (NDArray wrapper = manager.create(ids, new Shape(1, ids.length))) {
      return wrapper.duplicate(); // memory of the engine's own
    }
  }
}
