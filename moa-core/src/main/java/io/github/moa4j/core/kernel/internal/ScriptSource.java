package io.github.moa4j.core.kernel.internal;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The methods of a module as text.
 *
 * @param name for messages
 * @param methods TorchScript, without the class around them
 */
public record ScriptSource(String name, String methods) {

  /**
   * Reads a resource.
   *
   * @param anchor the class beside which it lies
   * @throws MoaException if it is missing
   */
  public static ScriptSource of(Class<?> anchor, String name) {
    try (InputStream in = anchor.getResourceAsStream(name)) {
      if (in == null) {
        throw new MoaException("Kernel source " + name + " is missing beside " + anchor.getName());
      }
      return new ScriptSource(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new MoaException("Cannot read kernel " + name + ": " + e.getMessage(), e);
    }
  }

  /** Returns the methods of both, for one module. */
  public ScriptSource and(ScriptSource more) {
    return new ScriptSource(name + " and " + more.name, methods + "\n" + more.methods);
  }
}
