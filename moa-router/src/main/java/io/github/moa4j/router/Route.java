package io.github.moa4j.router;

import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.registry.AdapterLease;
import java.time.Duration;
import java.util.Optional;

/** A decision and the adapter version that it holds on to; empty where the base answers alone. */
record Route(RoutingDecision decision, Optional<AdapterLease> lease, Duration duration)
    implements AutoCloseable {

  /** The adapter of this route over a prompt: whole, or from its invocation tokens on. */
  AdapterChoice choice(int[] prompt) {
    if (lease.isEmpty()) {
      return AdapterChoice.base();
    }
    AdapterLease adapter = lease.get();
    int[] invocation =
        adapter.config().aloraInvocationTokens().stream().mapToInt(Integer::intValue).toArray();
    int from = lastIndexOf(prompt, invocation);
    // As in PEFT, an activated adapter whose invocation does not occur stays out of the way.
    return from < 0 ? AdapterChoice.base() : AdapterChoice.from(adapter.weights(), from);
  }

  /** Index of the last occurrence; 0 for an empty sequence, −1 if there is none. */
  static int lastIndexOf(int[] tokens, int[] sequence) {
    if (sequence.length == 0) {
      return 0;
    }
    for (int start = tokens.length - sequence.length; start >= 0; start--) {
      int matched = 0;
      while (matched < sequence.length && tokens[start + matched] == sequence[matched]) {
        matched++;
      }
      if (matched == sequence.length) {
        return start;
      }
    }
    return -1;
  }

  @Override
  public void close() {
    lease.ifPresent(AdapterLease::close);
  }
}
