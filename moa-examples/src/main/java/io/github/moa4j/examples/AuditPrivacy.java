package io.github.moa4j.examples;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.examples.arguments.BaseArgument;
import io.github.moa4j.examples.arguments.Commands;
import io.github.moa4j.examples.arguments.TrainingArguments;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.leakage.AttackRate;
import io.github.moa4j.training.leakage.Canary;
import io.github.moa4j.training.leakage.LeakageAudit;
import io.github.moa4j.training.leakage.LeakageReport;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what adapters of a domain give away, trained as usual and with privacy. */
@Command(
    name = "AuditPrivacy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains several adapters, each on a random half of a domain's examples with secrets among"
            + " them, and attacks them: membership inference by loss and by likelihood ratio, and"
            + " the exposure of the secrets. Once as usual, and once for each epsilon.")
public final class AuditPrivacy implements Callable<Integer> {

  private static final int[] REPETITIONS = {1, 1, 8};
  private static final int OTHER_SECRETS = 63;
  private static final int SELECTION = 20;

  @Option(names = "--data", required = true, split = ",", description = "Domains' folders.")
  private List<Path> data = List.of();

  @Option(
      names = "--pool",
      defaultValue = "400",
      description = "Examples of which each adapter learns half. Default: ${DEFAULT-VALUE}.")
  private int pool;

  @Option(
      names = "--adapters",
      defaultValue = "8",
      description = "Adapters of each kind, an even number from 4 on. Default: ${DEFAULT-VALUE}.")
  private int adapters;

  @Option(
      names = "--epsilons",
      split = ",",
      defaultValue = "8",
      description = "Epsilons to train within. Default: ${DEFAULT-VALUE}.")
  private List<Double> epsilons = List.of();

  @Option(
      names = "--delta",
      defaultValue = "1e-4",
      description = "The share of cases in which epsilon need not hold. Default: ${DEFAULT-VALUE}.")
  private double delta;

  @Option(
      names = "--private-epochs",
      defaultValue = "10",
      description = "Passes of private training. Default: ${DEFAULT-VALUE}.")
  private int privateEpochs;

  @Option(
      names = "--private-batch",
      defaultValue = "32",
      description =
          "Examples that a private step draws on the average, a multiple of 8. Default:"
              + " ${DEFAULT-VALUE}.")
  private int privateBatch;

  @Mixin private final BaseArgument base = new BaseArgument();

  @Mixin private final TrainingArguments training = new TrainingArguments();

  @Spec private CommandSpec spec;

  /** Runs the program; exit code 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(Commands.run(new AuditPrivacy(), args));
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-10s %-9s %7s %7s | %-13s | %-13s | exposure in bits, by repetitions%n",
        "domain", "training", "learnt", "unseen", "loss AUC, 1 %", "LiRA AUC, 1 %");
    try (OpenBase opened = OpenBase.load(base.directory(), training.weightFormat())) {
      for (Path folder : data) {
        Domain domain = Domain.read(folder);
        MixtureTrainer trainer = training.trainer(opened, 0);
        TrainingOptions usual = trainer.settings().adapter();
        audit(opened, trainer, domain, usual, "as usual", out);
        for (double epsilon : epsilons) {
          TrainingOptions secret =
              usual.toBuilder()
                  .epochs(privateEpochs)
                  .batchSize(8)
                  .accumulationSteps(Math.max(1, privateBatch / 8))
                  .privacy(PrivacyOptions.within(epsilon, delta))
                  .build();
          audit(opened, trainer, domain, secret, "eps %.1f".formatted(epsilon), out);
        }
      }
      return 0;
    }
  }

  private void audit(
      OpenBase opened,
      MixtureTrainer trainer,
      Domain domain,
      TrainingOptions options,
      String title,
      PrintWriter out) {
    List<Example> all = domain.train();
    if (all.size() < pool + SELECTION) {
      throw new MoaException(
          "Domain '%s' has %d training examples, but --pool needs %d and the choice of checkpoints %d"
              .formatted(domain.name(), all.size(), pool, SELECTION));
    }
    List<Example> selection =
        options.privacy().isNone() ? all.subList(pool, pool + SELECTION) : List.of();
    LeakageReport report =
        new LeakageAudit(opened.model(), trainer.encoder(), options, adapters, training.seed())
            .run(all.subList(0, pool), selection, canaries());
    out.printf(
        Locale.ROOT,
        "%-10s %-9s %7.3f %7.3f | %s | %s | %s%n",
        domain.name(),
        title,
        report.memberLoss(),
        report.otherLoss(),
        rate(report.byLoss()),
        rate(report.byLikelihoodRatio()),
        report.exposures().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%d: %.1f", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", ")));
    out.flush();
  }

  private List<Canary> canaries() {
    List<Canary> canaries = new ArrayList<>();
    for (int i = 0; i < REPETITIONS.length; i++) {
      String name = "door " + (char) ('A' + i);
      canaries.add(Canary.of(name, OTHER_SECRETS, REPETITIONS[i], training.seed() + i));
    }
    return canaries;
  }

  private static String rate(AttackRate rate) {
    return String.format(Locale.ROOT, "%5.3f, %5.1f %%", rate.auc(), 100 * rate.truePositives());
  }
}
