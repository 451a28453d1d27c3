package io.github.moa4j.core.lora;

/**
 * The applied form of an adapter: one that lies in the engine's memory, ready for a forward pass.
 * Only the engine's side can make one; {@link LoraAdapter} is the stored form.
 *
 * <p>Owns its native memory until {@link #close()}, which may be called from any thread, but not
 * while a request still uses the adapter: that is what the registry's leases are for.
 */
public interface AppliedLora extends AutoCloseable {

  /** Returns the native memory that the adapter takes. */
  long sizeInBytes();

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  void close();
}
