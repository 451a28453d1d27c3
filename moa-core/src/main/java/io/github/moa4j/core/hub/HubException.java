package io.github.moa4j.core.hub;

import io.github.moa4j.core.MoaException;

/** A model cannot be fetched from the hub, or is not in the cache. */
public final class HubException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception with a message for the user. */
  public HubException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the user and its cause, which may be null. */
  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
