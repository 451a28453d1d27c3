package io.github.moa4j.core.lora;

/**
 * Weights that know their size and need no engine, for tests of what only lends them.
 *
 * @param sizeInBytes what they say they take
 */
public record EngineFreeWeights(long sizeInBytes) implements AppliedLora {

  @Override
  public void close() {
    // There is nothing to free.
  }
}
