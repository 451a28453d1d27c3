package io.github.moa4j.examples.training;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.examples.measurement.AdapterHashes;
import io.github.moa4j.examples.measurement.MeasuredReport;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Trains the adapters of a mixture, each on its own, and checks that none touches another. */
public final class DomainByDomain {

  private static final String MIXED = "single-lora";
  private static final int MIXED_SELECTION = 16; // examples of a domain

  private final MixtureTrainer trainer;
  private final MixtureDirectory mixture;
  private final Path base;
  private final MeasuredReport report;

  /**
   * Creates a training of nothing yet.
   *
   * @param base the folder of the base, which must not change either
   */
  public DomainByDomain(
      MixtureTrainer trainer, MixtureDirectory mixture, Path base, MeasuredReport report) {
    this.trainer = trainer;
    this.mixture = mixture;
    this.base = base;
    this.report = report;
  }

  /**
   * Trains the domains that the mixture does not hold yet, and stores each when it is done.
   *
   * @param start the adapter that all of them start from; empty for random ones
   * @param atOnce how many are trained at a time
   */
  public List<TrainedDomain> train(List<Domain> domains, Optional<LoraAdapter> start, int atOnce) {
    domains.forEach(domain -> DomainNames.check(domain.name())); // the last one's as early
    List<Domain> left = new ArrayList<>(domains);
    left.removeIf(domain -> mixture.state().domains().containsKey(domain.name()));
    if (left.size() < domains.size()) {
      report.say("Trained already: %d of %d", domains.size() - left.size(), domains.size());
      domains.stream()
          .filter(domain -> !left.contains(domain) && isOfOtherData(domain))
          .forEach(
              domain ->
                  report.say(
                      "  %s on another %s than this one, and is left as it is; to train it anew,"
                          + " take it out first (RemoveDomain) or choose another folder",
                      domain.name(), domain.sources().get(0).name()));
    }
    List<TrainedDomain> trained = new ArrayList<>();
    Map<String, Object> training = new LinkedHashMap<>();
    boolean unchanged;
    try (ConsoleProgress progress = new ConsoleProgress(sizes(left))) {
      List<AdapterHashes> before = new ArrayList<>(List.of(hashes()));
      trainer.train(
          left,
          atOnce,
          domain ->
              new TrainingSession(
                  start, Optional.of(stateOf(domain.name())), progress.of(domain.name())),
          result -> {
            trainer.store(mixture, result);
            deleteIfExists(stateOf(result.name()));
            trained.add(result);
            double seconds = progress.seconds(result.name());
            training.put(
                result.name(), Map.of("tokens", result.training().tokens(), "seconds", seconds));
            progress.finish(result.name(), line(result.name(), result.training(), seconds));
            before.add(hashes());
          });
      AdapterHashes after = hashes();
      unchanged = before.stream().allMatch(earlier -> after.changedSince(earlier).isEmpty());
    }
    report.put("training", training);
    report.put("base_and_earlier_adapters_unchanged", unchanged);
    report.say(
        "Interference check: base and all earlier adapters %s",
        unchanged ? "unchanged, bit for bit" : "CHANGED");
    return trained;
  }

  /**
   * Whether the mixture's adapter has learnt from files, and not from the domain's as it is now.
   */
  private boolean isOfOtherData(Domain domain) {
    int version = mixture.state().domain(domain.name()).version();
    List<Provenance.DataFile> learnt =
        mixture.provenance(domain.name(), version).map(Provenance::data).orElse(List.of());
    return !learnt.isEmpty()
        && !domain.sources().isEmpty()
        && learnt.stream()
            .noneMatch(file -> file.sha256().equals(domain.sources().get(0).sha256()));
  }

  private Map<String, Integer> sizes(List<Domain> domains) {
    int most = trainer.settings().trainingExamples();
    return domains.stream()
        .collect(
            Collectors.toMap(
                Domain::name,
                domain ->
                    most == 0 ? domain.train().size() : Math.min(most, domain.train().size())));
  }

  private Path stateOf(String domain) {
    return mixture.directory().resolve("training-" + domain + ".safetensors");
  }

  private static String line(String domain, TrainingResult trained, double seconds) {
    return String.format(
        Locale.ROOT,
        "  %-10s trained in %3.0f s on %,d tokens, loss on examples set aside %.3f",
        domain,
        seconds,
        trained.tokens(),
        trained.validationLoss());
  }

  private AdapterHashes hashes() {
    return AdapterHashes.of(mixture).withBase(base);
  }

  /**
   * Trains one adapter of the same size on the mixed data of all domains, for as many tokens.
   *
   * @param folder where it goes, or is already
   */
  public LoraAdapter trainMixed(List<Domain> domains, Path folder) {
    if (isAdapter(folder)) {
      return PeftFormat.read(folder);
    }
    int perDomain = trainer.settings().trainingExamples();
    List<Example> all = new ArrayList<>();
    List<Example> selection = new ArrayList<>();
    for (Domain domain : domains) {
      List<Example> train = domain.train();
      int most = Math.max(1, train.size() - MIXED_SELECTION);
      int used = perDomain == 0 ? most : Math.min(most, perDomain);
      all.addAll(train.subList(0, used));
      selection.addAll(train.subList(used, Math.min(train.size(), used + MIXED_SELECTION)));
    }
    try (ConsoleProgress progress = new ConsoleProgress(MIXED)) {
      long began = System.nanoTime();
      TrainingResult result = trainer.trainMixed(all, selection, progress.of(MIXED));
      report.say(
          "single-lora (mixed data): %d tokens in %.0f s, selection loss %.3f",
          result.tokens(), (System.nanoTime() - began) / 1e9, result.validationLoss());
      PeftFormat.write(result.adapter(), folder);
      return result.adapter();
    }
  }

  private static boolean isAdapter(Path folder) {
    return Files.exists(folder.resolve("adapter_config.json"));
  }

  private static void deleteIfExists(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new MoaException("Cannot delete " + file + ": " + Failure.reason(e) + ".", e);
    }
  }
}
