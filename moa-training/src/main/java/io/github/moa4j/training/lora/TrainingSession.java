package io.github.moa4j.training.lora;

import io.github.moa4j.core.lora.LoraAdapter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What one training run starts from, keeps and tells; how it trains is in {@link TrainingOptions}.
 *
 * @param warmStart an adapter to start from, with the rank and target modules of the options; it is
 *     not changed
 * @param stateFile where the run keeps its state after every evaluation, and goes on from if the
 *     file exists; the caller deletes it once the result is stored
 * @param listener told how training goes on
 */
public record TrainingSession(
    Optional<LoraAdapter> warmStart, Optional<Path> stateFile, TrainingListener listener) {

  /** Checks that nothing is null. */
  public TrainingSession {
    Objects.requireNonNull(warmStart, "warmStart");
    Objects.requireNonNull(stateFile, "stateFile");
    Objects.requireNonNull(listener, "listener");
  }

  /** A run from a new adapter, which cannot be resumed and tells nobody. */
  public static TrainingSession fresh() {
    return new TrainingSession(Optional.empty(), Optional.empty(), TrainingListener.NONE);
  }

  /** Returns this session starting from an adapter. */
  public TrainingSession withWarmStart(LoraAdapter adapter) {
    return new TrainingSession(Optional.of(adapter), stateFile, listener);
  }

  /** Returns this session with a file that keeps its state. */
  public TrainingSession withStateFile(Path file) {
    return new TrainingSession(warmStart, Optional.of(file), listener);
  }

  /** Returns this session with another listener. */
  public TrainingSession withListener(TrainingListener other) {
    return new TrainingSession(warmStart, stateFile, other);
  }
}
