package io.github.moa4j.training.data;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A folder of domains: one folder a domain, as {@link Domain} reads it; files are ignored. */
public final class Domains {

  private Domains() {}

  /**
   * Reads all domains of a folder, sorted by name. Folders whose name starts with a dot are
   * ignored.
   *
   * @throws DatasetException if there is no domain, or one is not valid
   */
  public static List<Domain> read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DatasetException(
          folder
              + ": "
              + Failure.noFolder(folder)
              + "; expected a folder that holds one folder a domain");
    }
    if (Files.exists(folder.resolve(Domain.TRAIN))) {
      throw new DatasetException(
          "%s: is the folder of one domain (it holds %s); expected the folder above it"
              .formatted(folder, Domain.TRAIN));
    }
    List<Domain> domains = new ArrayList<>();
    for (Path child : children(folder)) {
      domains.add(Domain.read(child));
    }
    if (domains.isEmpty()) {
      throw new DatasetException(
          "%s: holds no domains; expected at least one folder with %s in it"
              .formatted(folder, Domain.TRAIN));
    }
    return List.copyOf(domains);
  }

  /**
   * Writes domains, one folder each, so that {@link #read} gives the same ones. Folders are created
   * and files of the same name are replaced.
   *
   * @throws DatasetException if two domains have one name or a file cannot be written
   */
  public static void write(Path folder, List<Domain> domains) {
    Set<String> names = new HashSet<>();
    for (Domain domain : domains) {
      if (!names.add(domain.name())) {
        throw new DatasetException("Two domains are named '%s'".formatted(domain.name()));
      }
    }
    for (Domain domain : domains) {
      Path target = folder.resolve(domain.name());
      Path validation = target.resolve(Domain.VALIDATION);
      try {
        Files.createDirectories(target);
        Files.deleteIfExists(validation);
      } catch (IOException e) {
        throw new DatasetException(target + ": cannot be written: " + Failure.reason(e), e);
      }
      ExampleFile.write(target.resolve(Domain.TRAIN), domain.train());
      if (!domain.validation().isEmpty()) {
        ExampleFile.write(validation, domain.validation());
      }
    }
  }

  private static List<Path> children(Path folder) {
    try {
      return DurableFiles.list(folder).stream()
          .filter(Files::isDirectory)
          .filter(child -> !child.getFileName().toString().startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new DatasetException(folder + ": cannot be read: " + Failure.reason(e), e);
    }
  }
}
