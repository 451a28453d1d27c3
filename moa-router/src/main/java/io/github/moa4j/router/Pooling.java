package io.github.moa4j.router;

import io.github.moa4j.core.model.PromptStates;
import java.util.Locale;

/** How the states of a prompt's tokens become one vector. */
public enum Pooling {
  /** The mean over the prompt's tokens. */
  MEAN,
  /**
   * The last token's state. Where a chat template ends every prompt with the same token, this is a
   * constant in the first state.
   */
  LAST;

  /** Returns the states of this pooling, [state][hiddenSize], not a copy. */
  public float[][] of(PromptStates states) {
    return this == MEAN ? states.mean() : states.last();
  }

  /** Returns the name as files hold it: {@code mean} or {@code last}. */
  String fileName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Pooling fromFileName(String name) {
    for (Pooling pooling : values()) {
      if (pooling.fileName().equals(name)) {
        return pooling;
      }
    }
    throw new IllegalArgumentException(
        "Unknown pooling '" + name + "': expected 'mean' or 'last'.");
  }
}
