package io.github.moa4j.training.mixture;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.lora.AdapterDifference;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PEFT directory from elsewhere that fits the base. */
final class ImportedAdapter {

  private static final List<String> PEFT_FILES =
      List.of("adapter_config.json", "adapter_model.safetensors");

  private static final Logger logger = LoggerFactory.getLogger(ImportedAdapter.class);

  private final Path directory;
  private final BaseModel base;

  private ImportedAdapter(Path directory, BaseModel base) {
    this.directory = directory;
    this.base = base;
  }

  /** Reads and checks the adapter. */
  static ImportedAdapter open(Path directory, BaseModel base) {
    PeftFormat.read(directory).checkFits(base.config());
    return new ImportedAdapter(directory, base);
  }

  /**
   * Says in the log what memory the adapter takes, which is much where it replaces the embedding or
   * the head, and what its folder says otherwise than the base's.
   */
  private void introduce() {
    try (AppliedLora applied = base.load(PeftFormat.read(directory))) {
      logger.info("The adapter {} takes {} bytes while in use.", directory, applied.sizeInBytes());
    }
    for (AdapterDifference difference : PeftFormat.differences(directory, base.directory())) {
      logger.warn("The adapter {} and the base disagree: {}", directory, difference);
    }
  }

  /** What lies beside the adapter for the routers, if it is about a domain of this name. */
  Optional<DomainPrompts> prompts(String domain) {
    return Optional.of(directory.resolve(DomainStatistics.FILE_NAME))
        .filter(Files::exists)
        .flatMap(file -> prompts(file, domain, base));
  }

  /** What lies beside a version of a domain's adapter for the routers. */
  static Optional<DomainPrompts> prompts(
      MixtureDirectory mixture, String domain, int version, BaseModel base) {
    return mixture
        .readAdapterFile(
            domain, version, DomainStatistics.FILE_NAME, file -> prompts(file, domain, base))
        .flatMap(found -> found);
  }

  private static Optional<DomainPrompts> prompts(Path file, String domain, BaseModel base) {
    return Optional.of(DomainStatistics.read(file, base.fingerprint()))
        .filter(statistics -> statistics.domain().equals(domain))
        .map(statistics -> new DomainPrompts(domain, List.of(), statistics));
  }

  /** Copies the PEFT files as they are, and the provenance; writes the statistics of prompts. */
  void copyTo(Path folder, Optional<DomainPrompts> prompts) {
    introduce();
    PEFT_FILES.forEach(name -> copy(name, folder));
    if (Files.exists(directory.resolve(Provenance.FILE))) {
      copy(Provenance.FILE, folder);
    }
    prompts.ifPresent(
        known ->
            known
                .statistics()
                .write(folder.resolve(DomainStatistics.FILE_NAME), base.fingerprint()));
  }

  private void copy(String name, Path folder) {
    DurableFiles.copy(directory.resolve(name), folder.resolve(name), AdapterException::new);
  }
}
