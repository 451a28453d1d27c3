package io.github.moa4j.examples.consumers;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.kernel.WeightFormat;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.examples.base.EmbeddedBase;
import io.github.moa4j.examples.base.OpenBase;
import io.github.moa4j.examples.domains.GeneratedDomains;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Domains;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** What snippets and consumers open: a mixture of two hardly trained domains, and data. */
final class SmallMixture {

  static final TrainingOptions OPTIONS =
      TrainingOptions.of(LoraConfig.of(2, 4, EnumSet.allOf(TargetModule.class))).withEpochs(1);

  private SmallMixture() {}

  /** Writes it for the projects in {@code src/it}, unless it is there. */
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    if (!Files.exists(folder)) {
      in(folder);
    }
  }

  /** Writes {@code mixture}, {@code base} and {@code data} into a folder. */
  static void in(Path folder) {
    List<Domain> domains =
        GeneratedDomains.all().stream().map(domain -> domain.toDomain(16, 4, 1)).toList();
    Domain third = domains.get(2);
    Domain invoices = new Domain("invoices", third.train(), third.validation(), List.of());
    Domains.write(folder.resolve("data"), List.of(invoices));
    Path base = EmbeddedBase.extractTo(folder.resolve("base"));
    String fingerprint;
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      fingerprint = checkpoint.fingerprint();
    }
    MixtureDirectory mixture =
        MixtureDirectory.create(folder.resolve("mixture"), fingerprint, base.toString());
    try (OpenBase open = OpenBase.load(Optional.of(base), WeightFormat.F32)) {
      MixtureTrainer trainer = open.trainer(MixtureTrainingSettings.of(OPTIONS));
      for (Domain domain : domains.subList(0, 2)) {
        trainer.add(mixture, trainer.train(domain));
      }
    }
  }
}
