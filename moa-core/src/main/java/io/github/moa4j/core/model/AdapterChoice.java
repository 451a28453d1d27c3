package io.github.moa4j.core.model;

import io.github.moa4j.core.lora.LoraWeights;
import java.util.List;

/**
 * Which adapters one sequence runs through, and from which of its tokens on.
 *
 * <p>With several experts their deltas are added, each times its share (soft mixing). From a
 * position on means the activated adapters of Greenewald et al. (2025): everything before it is the
 * base's own pass.
 *
 * @param experts the adapters, each once; empty for the base alone
 * @param shares one weight an expert
 * @param fromPosition index of the first token of the sequence under the adapters; 0 for all
 */
public record AdapterChoice(List<LoraWeights> experts, List<Float> shares, int fromPosition) {

  private static final AdapterChoice BASE = new AdapterChoice(List.of(), List.of(), 0);

  /** Validates the components. */
  public AdapterChoice {
    experts = List.copyOf(experts);
    shares = List.copyOf(shares);
    if (experts.size() != shares.size()) {
      throw new IllegalArgumentException(
          experts.size() + " experts need as many shares, not " + shares.size());
    }
    if (experts.stream().distinct().count() < experts.size()) {
      throw new IllegalArgumentException("An expert is listed twice: add its shares instead");
    }
    if (!shares.stream().allMatch(Float::isFinite)) {
      throw new IllegalArgumentException("Shares must be finite: " + shares);
    }
    if (fromPosition < 0) {
      throw new IllegalArgumentException("fromPosition must not be negative: " + fromPosition);
    }
  }

  /** The base alone. */
  public static AdapterChoice base() {
    return BASE;
  }

  /** One adapter over the whole sequence. */
  public static AdapterChoice of(LoraWeights adapter) {
    return from(adapter, 0);
  }

  /** One adapter from a token of the sequence on. */
  public static AdapterChoice from(LoraWeights adapter, int fromPosition) {
    return new AdapterChoice(List.of(adapter), List.of(1f), fromPosition);
  }
}
