package io.github.moa4j.core.model;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which adapters one sequence runs through, and from which of its tokens on.
 *
 * <p>With several adapters their deltas are added, each times its share (soft mixing). From a
 * position on means the activated adapters of Greenewald et al. (2025): everything before it is the
 * base's own pass.
 *
 * @param adapters each once; empty for the base alone
 * @param shares one weight an adapter, or one for each adapter and layer: first those of the first
 *     adapter, from the lowest layer up
 * @param fromPosition index of the first token of the sequence under the adapters; 0 for all
 */
public record AdapterChoice(List<AppliedLora> adapters, List<Float> shares, int fromPosition) {

  private static final AdapterChoice BASE = new AdapterChoice(List.of(), List.of(), 0);

  /** Validates the components. */
  public AdapterChoice {
    adapters = List.copyOf(adapters);
    shares = List.copyOf(shares);
    if (adapters.isEmpty()
        ? !shares.isEmpty()
        : shares.isEmpty() || shares.size() % adapters.size() > 0) {
      throw new IllegalArgumentException(
          "%d adapters need as many shares, not %d; or as many for each layer"
              .formatted(adapters.size(), shares.size()));
    }
    if (adapters.stream().distinct().count() < adapters.size()) {
      throw new IllegalArgumentException("An adapter is listed twice: add its shares instead");
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
  public static AdapterChoice of(AppliedLora adapter) {
    return from(adapter, 0);
  }

  /** One adapter from a token of the sequence on. */
  public static AdapterChoice from(AppliedLora adapter, int fromPosition) {
    return new AdapterChoice(List.of(adapter), List.of(1f), fromPosition);
  }

  /**
   * One adapter where it applies to a prompt and to what follows: a plain one to the whole
   * sequence, an activated one from its invocation tokens on; the base alone if those do not occur.
   *
   * @param config the adapter's own; see {@link LoraConfig#activationPosition}
   */
  public static AdapterChoice of(AppliedLora adapter, LoraConfig config, int[] prompt) {
    OptionalInt position = config.activationPosition(prompt);
    return position.isPresent() ? from(adapter, position.getAsInt()) : base();
  }
}
