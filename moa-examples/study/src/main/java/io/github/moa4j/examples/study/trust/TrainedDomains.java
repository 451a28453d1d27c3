package io.github.moa4j.examples.study.trust;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.TrainedDomain;
import io.github.moa4j.training.mixture.TrainedDomainFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the routers of a mixture learn from, trained once and kept for programs that come later. */
public final class TrainedDomains {

  private TrainedDomains() {}

  /**
   * Trains domains, but for those that a folder has.
   *
   * @param kept with a folder for each domain; whoever changes what is trained takes another
   * @return by name, in the order given
   */
  public static Map<String, TrainedDomain> of(
      List<Domain> domains, MixtureTrainer trainer, BaseModel base, Path kept) {
    Map<String, TrainedDomain> trained = new LinkedHashMap<>();
    for (Domain domain : domains) {
      Path folder = kept.resolve(domain.name());
      if (!Files.exists(folder)) {
        TrainedDomainFolder.write(trainer.train(domain), trainer, folder);
      }
      trained.put(domain.name(), TrainedDomainFolder.read(folder, base.fingerprint()));
    }
    return trained;
  }
}
