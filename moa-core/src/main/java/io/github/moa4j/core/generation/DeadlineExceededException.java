package io.github.moa4j.core.generation;

import io.github.moa4j.core.MoaException;
import java.time.Duration;

/**
 * The time that a request was given ended before its first token. An answer that has begun is cut
 * short instead, with {@link StopReason#DEADLINE}.
 */
public final class DeadlineExceededException extends MoaException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a request that was given {@code limit}, of which it waited a part. */
  public DeadlineExceededException(Duration limit, Duration queued) {
    super(
        "No token of the answer was there within the %d ms that the request was given; it waited %d ms of them for its turn. Give it more time, or ask when less is waiting."
            .formatted(limit.toMillis(), queued.toMillis()));
  }
}
