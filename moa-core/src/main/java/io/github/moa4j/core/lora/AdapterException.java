package io.github.moa4j.core.lora;

import io.github.moa4j.core.MoaException;

/** An adapter cannot be read, does not fit the base model, or is not registered. */
public class AdapterException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the adapter and what is wrong with it. */
  public AdapterException(String message) {
    super(message);
  }

  /** Creates an exception that names the adapter and what is wrong with it, with its cause. */
  public AdapterException(String message, Throwable cause) {
    super(message, cause);
  }
}
