package io.github.moa4j.router;

import io.github.moa4j.core.generation.TextStream;
import java.util.function.Function;

/**
 * What a streamed answer holds: its text as it is generated, and the adapters. The application's
 * handle and the mixture both know it, so that the mixture can free it when it closes, and the
 * garbage collector when the handle is lost. Thread-safe.
 */
final class OpenAnswer {

  private final RequestGate gate;
  private final TextStream text;
  private final HeldAdapters held;
  private volatile boolean ended;

  /** Enters the gate; takes over text and adapters unless that fails. */
  OpenAnswer(RequestGate gate, TextStream text, HeldAdapters held) {
    this.gate = gate;
    this.text = text;
    this.held = held;
    gate.add(this);
  }

  HeldAdapters held() {
    return held;
  }

  /** Reads; of an answer that has ended also once the mixture is closed. */
  <T> T read(Function<TextStream, T> reading) {
    return ended ? reading.apply(text) : gate.work(() -> reading.apply(text));
  }

  void cancel() {
    text.cancel();
  }

  boolean hasEnded() {
    return ended;
  }

  /** Ends the answer where it is and gives everything back, unless the mixture does. */
  void close() {
    text.cancel();
    gate.release(
        () -> {
          free();
          ended = true;
        });
  }

  /** Frees text and adapters; a second time does nothing. */
  void free() {
    text.close();
    held.close();
    gate.remove(this);
  }
}
