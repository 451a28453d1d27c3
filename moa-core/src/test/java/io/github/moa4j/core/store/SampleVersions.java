package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Version folders for tests, whose content proves that it is whole. */
public final class SampleVersions {

  /** The fingerprint of the base of all samples. */
  public static final String BASE = "base-fingerprint";

  private SampleVersions() {}

  /** Writes files of random bytes, one in a subfolder, and the hashes of all of them. */
  static Consumer<Path> labelled(String label) {
    return folder -> {
      try {
        Random random = new Random(label.hashCode());
        Files.writeString(folder.resolve("label"), label);
        Files.createDirectory(folder.resolve("more"));
        List<String> hashes = new ArrayList<>();
        for (String name : List.of("label", "weights", "more/statistics")) {
          Path file = folder.resolve(name);
          if (!name.equals("label")) {
            byte[] content = new byte[random.nextInt(20_000)];
            random.nextBytes(content);
            Files.write(file, content);
          }
          hashes.add(Sha256.of(file, MixtureException::new) + " " + name);
        }
        Files.write(folder.resolve("hashes"), hashes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Returns the label of a folder after checking that every file is there and as written. */
  static String labelOf(Path folder) {
    try {
      List<String> hashes = Files.readAllLines(folder.resolve("hashes"));
      for (String line : hashes) {
        Path file = folder.resolve(line.substring(65));
        if (!Sha256.of(file, MixtureException::new).equals(line.substring(0, 64))) {
          throw new AssertionError(file + " is not what was written");
        }
      }
      if (hashes.size() != 3) {
        throw new AssertionError(folder + " is not whole");
      }
      return Files.readString(folder.resolve("label"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the labels of all folders that a state names; the router's has the key "router". */
  static Map<String, String> labels(MixtureState state) {
    Map<String, String> labels = new TreeMap<>();
    for (String domain : state.domains().keySet()) {
      labels.put(domain, labelOf(state.adapterDirectory(domain)));
    }
    state.routerDirectory().ifPresent(folder -> labels.put("router", labelOf(folder)));
    return labels;
  }

  /** Returns the labels of what a mixture serves, encrypted or not. */
  static Map<String, String> labels(MixtureDirectory mixture) {
    MixtureState state = mixture.state();
    Map<String, String> labels = new TreeMap<>();
    state
        .domains()
        .forEach(
            (name, domain) ->
                labels.put(
                    name, mixture.readAdapter(name, domain.version(), SampleVersions::labelOf)));
    state
        .routerVersion()
        .ifPresent(
            version -> labels.put("router", mixture.readRouter(version, SampleVersions::labelOf)));
    return labels;
  }

  /** Checks that a version that is not mentioned is whole. */
  static void check(MixtureDirectory mixture, UnlistedVersion version) {
    String unused =
        version.domain().isPresent()
            ? mixture.readAdapter(
                version.domain().get(), version.version(), SampleVersions::labelOf)
            : mixture.readRouter(version.version(), SampleVersions::labelOf);
  }

  /** Lists version folders and half-deleted ones below a mixture, as relative paths. */
  static List<String> versionFolders(Path mixture) {
    try (Stream<Path> paths = Files.walk(mixture, 3)) {
      return paths
          .filter(path -> path.getFileName().toString().matches("\\.(deleted|writing)-.*|v[0-9]+"))
          .map(path -> mixture.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lists the version folders that a state names. */
  static List<String> namedFolders(MixtureState state) {
    List<String> named = new ArrayList<>();
    state
        .domains()
        .forEach(
            (name, domain) -> named.add(VersionFolder.adapter(name, domain.version()).toString()));
    state.routerVersion().ifPresent(version -> named.add(VersionFolder.router(version).toString()));
    return named.stream().sorted().toList();
  }

  /** A provenance without data. */
  public static Provenance provenance(String baseFingerprint) {
    return new Provenance(
        baseFingerprint, List.of(), Map.of(), 1, Map.of(), Map.of(), Optional.empty());
  }
}
