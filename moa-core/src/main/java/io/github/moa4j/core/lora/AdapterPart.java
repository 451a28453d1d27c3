package io.github.moa4j.core.lora;

import java.util.List;

/** What a tensor of an adapter is to the module that it belongs to. */
public enum AdapterPart {
  /** A, [rank, in]; of the embedding, whose inputs are tokens, [rank, vocabulary]. */
  LORA_A("lora_A.weight", "lora_embedding_A"),
  /** B, [out, rank]. */
  LORA_B("lora_B.weight", "lora_embedding_B"),
  /** What B adds to its product, [out]; scaled as the product is. */
  LORA_BIAS("lora_B.bias"),
  /** The length of each row of the adapted weight, [out] (DoRA; Liu et al., 2024). */
  MAGNITUDE("lora_magnitude_vector", "lora_magnitude_vector.weight"),
  /** What takes the place of the base's bias, [out]. */
  BIAS("base_layer.bias", "bias"),
  /** What takes the place of the base's weight, [vocabulary, hidden size]. */
  WEIGHT("weight", "base_layer.weight", "token_adapter.base_layer.weight"),
  /** What takes the place of some of the weight's rows, [tokens, hidden size]. */
  TOKENS("token_adapter.trainable_tokens_delta");

  @SuppressWarnings("ImmutableEnumChecker") // List.of is not changed
  private final List<String> suffixes;

  AdapterPart(String... suffixes) {
    this.suffixes = List.of(suffixes);
  }

  /** How PEFT's keys usually end. */
  String suffix() {
    return suffixes.get(0);
  }

  /** How PEFT's keys can end. */
  List<String> suffixes() {
    return suffixes;
  }
}
