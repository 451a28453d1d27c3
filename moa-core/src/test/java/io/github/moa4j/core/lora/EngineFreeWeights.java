package io.github.moa4j.core.lora;

/** Weights that know their size and need no engine, for tests of what only lends them. */
public final class EngineFreeWeights implements AppliedLora {

  private final long sizeInBytes;
  private volatile boolean closed;

  /** Creates weights that say they take so much. */
  public EngineFreeWeights(long sizeInBytes) {
    this.sizeInBytes = sizeInBytes;
  }

  @Override
  public long sizeInBytes() {
    return sizeInBytes;
  }

  /** Returns whether the weights were freed. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    if (closed) {
      throw new AssertionError("The weights are freed a second time.");
    }
    closed = true;
  }
}
