package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.Sha256;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where an adapter or a router comes from: everything needed to train it again and to judge it.
 * Lies as {@code provenance.json} beside it. The maps keep their order.
 *
 * @param baseFingerprint the fingerprint of the base it was trained on
 * @param data the files it was trained on
 * @param configuration the settings of the training: texts, numbers, booleans, nulls, lists and
 *     maps of them
 * @param seed the seed of the training
 * @param libraries versions of MoA4J and of the libraries that computed, by name
 * @param metrics measures at the chosen checkpoint, by name, such as {@code validation loss}
 * @param parent what it was warm-started from: the adapter's SHA-256; empty if from nothing
 */
public record Provenance(
    String baseFingerprint,
    List<DataFile> data,
    Map<String, Object> configuration,
    long seed,
    Map<String, String> libraries,
    Map<String, Double> metrics,
    Optional<String> parent) {

  /** The name of the file. */
  public static final String FILE = "provenance.json";

  /**
   * A file of training data.
   *
   * @param name its name or path
   * @param sha256 the hash of its bytes, 64 hexadecimal digits
   * @param examples how many examples were read from it
   */
  public record DataFile(String name, String sha256, long examples) {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** Validates the components. */
    public DataFile {
      Objects.requireNonNull(name, "name");
      if (!isSha256(sha256)) {
        throw new IllegalArgumentException(
            "sha256 of '"
                + Failure.quote(name)
                + "' is '"
                + Failure.quote(sha256)
                + "', expected 64 hexadecimal digits");
      }
      if (examples < 0) {
        throw new IllegalArgumentException(
            "examples of '" + Failure.quote(name) + "' is " + examples + ", expected 0 or more");
      }
    }

    static boolean isSha256(String text) {
      return SHA256.matcher(text).matches();
    }

    /**
     * Describes a file by hashing it.
     *
     * @throws MixtureException if it cannot be read
     */
    public static DataFile of(Path file, long examples) {
      return new DataFile(
          file.getFileName().toString(), Sha256.of(file, MixtureException::new), examples);
    }
  }

  /** Copies the collections. */
  public Provenance {
    if (baseFingerprint.isBlank()) {
      throw new IllegalArgumentException("baseFingerprint is empty");
    }
    data = List.copyOf(data);
    configuration = Collections.unmodifiableMap(new LinkedHashMap<>(configuration));
    libraries = Collections.unmodifiableMap(new LinkedHashMap<>(libraries));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    Objects.requireNonNull(parent, "parent");
  }

  /**
   * Reads {@code provenance.json} of a folder. Fields that this version does not know are ignored.
   *
   * @return empty if there is no such file, as beside an adapter from elsewhere
   * @throws MixtureException if the file is damaged
   */
  public static Optional<Provenance> read(Path folder) {
    return ProvenanceFile.read(folder.resolve(FILE));
  }

  /**
   * Writes {@code provenance.json} into a folder, replacing an old one atomically.
   *
   * @throws IllegalArgumentException if the configuration holds something that JSON has no form for
   * @throws MixtureException if it cannot be written, or could not be read again
   */
  public void write(Path folder) {
    ProvenanceFile.write(this, folder.resolve(FILE));
  }
}
