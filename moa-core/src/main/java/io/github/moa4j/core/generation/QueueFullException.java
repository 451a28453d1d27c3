package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;

/** A request was refused because too many are waiting already. */
public final class QueueFullException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a queue of {@code limit} requests. */
  public QueueFullException(int limit) {
    super(
        "The queue is full: %d requests wait for their turn. Ask again later, ask from fewer threads, or allow a longer queue."
            .formatted(limit));
  }
}
