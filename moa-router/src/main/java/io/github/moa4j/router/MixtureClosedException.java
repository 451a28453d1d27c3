package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;

/** A mixture was closed before or while it worked on a request. */
public final class MixtureClosedException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that names the mixture. */
  public MixtureClosedException(String mixture) {
    super("The mixture in " + mixture + " is closed: open it again to ask it.");
  }
}
