package io.github.moa4j.examples.training;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.training.data.DataReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Trains a domain's adapter, and says what its data repeats, how it goes and how it went. */
public final class Training {

  private Training() {}

  /**
   * Trains.
   *
   * @param warmStart an adapter to start from
   * @param state where the run keeps its state, and goes on from
   */
  public static TrainedDomain run(
      MixtureTrainer trainer,
      Domain domain,
      Optional<LoraAdapter> warmStart,
      Path state,
      PrintWriter out) {
    out.print(DataReport.of(domain));
    out.flush();
    long start = System.nanoTime();
    TrainedDomain trained;
    try (ConsoleProgress progress = new ConsoleProgress(domain.name())) {
      TrainingSession session = new TrainingSession(warmStart, Optional.of(state), progress);
      trained = trainer.train(domain, session);
    }
    out.printf(
        Locale.ROOT,
        "%s: %d tokens in %.1f s, selection loss %.3f after step %d%n",
        domain.name(),
        trained.training().tokens(),
        (System.nanoTime() - start) / 1e9,
        trained.training().validationLoss(),
        trained.training().bestStep());
    out.flush();
    return trained;
  }
}
