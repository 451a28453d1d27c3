package io.github.moa4j.examples.training;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.training.data.DataReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.privacy.PrivacyGuarantee;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Trains a domain's adapter, and says what its data repeats, how it goes and how it went. */
public final class Training {

  private Training() {}

  /**
   * Trains.
   *
   * @param routerExamples that the routers learn the domain from; its own, unless these are private
   * @param warmStart an adapter to start from
   * @param state where the run keeps its state, and goes on from
   */
  public static TrainedDomain run(
      MixtureTrainer trainer,
      Domain domain,
      List<Example> routerExamples,
      Optional<LoraAdapter> warmStart,
      Path state,
      PrintWriter out) {
    out.print(DataReport.of(domain));
    if (Files.exists(state)) {
      out.printf("Going on from %s%n", state);
    }
    out.flush();
    long start = System.nanoTime();
    TrainedDomain trained;
    try (ConsoleProgress progress = new ConsoleProgress(domain.name())) {
      TrainingSession session =
          new TrainingSession(warmStart, Optional.of(state), progress.of(domain.name()));
      trained = trainer.train(domain, routerExamples, session);
    }
    TrainingResult result = trained.training();
    out.printf(
        Locale.ROOT,
        "%s: %d tokens in %.1f s, %s after step %d%n",
        domain.name(),
        result.tokens(),
        (System.nanoTime() - start) / 1e9,
        result
            .privacy()
            .map(Training::promise)
            .orElseGet(
                () -> String.format(Locale.ROOT, "selection loss %.3f", result.validationLoss())),
        result.bestStep());
    out.flush();
    return trained;
  }

  private static String promise(PrivacyGuarantee privacy) {
    return String.format(
        Locale.ROOT,
        "private within epsilon %.2f at delta %s (noise %.2f, clip %s, rate %.4f)",
        privacy.epsilon(),
        privacy.delta(),
        privacy.noiseMultiplier(),
        privacy.clipNorm(),
        privacy.samplingRate());
  }
}
