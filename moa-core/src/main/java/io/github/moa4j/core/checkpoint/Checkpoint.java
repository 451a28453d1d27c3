package io.github.moa4j.core.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A base model on disk: {@code config.json} with {@code model.safetensors}, or with shards and
 * {@code model.safetensors.index.json}. Opening compares every tensor's name, shape and type with
 * the configuration, before any weight is used; it reads headers only and takes milliseconds.
 *
 * <p>Two kinds of surplus tensors are passed over because they have no influence: {@code
 * rotary_emb.inv_freq}, and {@code lm_head.weight} where {@code tie_word_embeddings} is true.
 *
 * <p>Holds the files open until it is closed. Thread-safe.
 */
public final class Checkpoint implements AutoCloseable {

  private static final Set<DataType> WEIGHT_TYPES =
      Collections.unmodifiableSet(EnumSet.of(DataType.F32, DataType.BF16, DataType.F16));
  private static final int REPORTED_PROBLEMS = 5;

  private final Path directory;
  private final ModelConfig config;
  private final Map<String, SafetensorsFile> tensors; // in canonical order
  private final List<SafetensorsFile> files;

  private Checkpoint(
      Path directory,
      ModelConfig config,
      Map<String, SafetensorsFile> tensors,
      List<SafetensorsFile> files) {
    this.directory = directory;
    this.config = config;
    this.tensors = tensors;
    this.files = files;
  }

  /**
   * Opens a Hugging Face directory.
   *
   * @throws CheckpointException if a file is missing or damaged, the architecture is not supported,
   *     or a tensor is missing, surplus, or of another shape or type than the configuration asks
   *     for; the message names what was found and what was expected
   */
  public static Checkpoint open(Path directory) {
    Map<String, SafetensorsFile> opened = new LinkedHashMap<>();
    boolean valid = false;
    try {
      Map<String, SafetensorsFile> holders = CheckpointFiles.open(directory, opened);
      ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
      Map<String, long[]> expected = ExpectedTensors.of(config);
      check(directory, config, expected, holders);
      Map<String, SafetensorsFile> tensors = new LinkedHashMap<>();
      expected.keySet().forEach(name -> tensors.put(name, holders.get(name)));
      valid = true;
      return new Checkpoint(
          directory, config, Collections.unmodifiableMap(tensors), List.copyOf(opened.values()));
    } finally {
      if (!valid) {
        opened.values().forEach(SafetensorsFile::close);
      }
    }
  }

  private static void check(
      Path directory,
      ModelConfig config,
      Map<String, long[]> expected,
      Map<String, SafetensorsFile> holders) {
    List<String> problems = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          SafetensorsFile file = holders.get(name);
          if (file == null) {
            problems.add(name + " is missing" + hint(name));
          } else if (!Arrays.equals(file.shape(name), shape)) {
            problems.add(
                name
                    + " has the shape "
                    + Arrays.toString(file.shape(name))
                    + ", expected "
                    + Arrays.toString(shape));
          } else if (!WEIGHT_TYPES.contains(file.dataType(name))) {
            problems.add(
                name
                    + " is stored as "
                    + file.dataType(name)
                    + ", expected one of "
                    + WEIGHT_TYPES);
          }
        });
    for (String name : holders.keySet()) {
      if (!expected.containsKey(name) && !ExpectedTensors.harmless(config, name)) {
        problems.add(name + " is not part of a " + config.modelType() + " model of this shape");
      }
    }
    if (!problems.isEmpty()) {
      throw mismatch(directory, problems);
    }
  }

  private static String hint(String name) {
    return name.equals("lm_head.weight") ? " although tie_word_embeddings is not true" : "";
  }

  private static CheckpointException mismatch(Path directory, List<String> problems) {
    int more = problems.size() - REPORTED_PROBLEMS;
    return new CheckpointException(
        "The weights in "
            + directory
            + " do not match its config.json: "
            + String.join("; ", problems.subList(0, Math.min(REPORTED_PROBLEMS, problems.size())))
            + (more > 0 ? "; and " + more + " more." : "."));
  }

  /** Returns the directory the checkpoint was opened by. */
  public Path directory() {
    return directory;
  }

  /** Returns the shape of the model. */
  public ModelConfig config() {
    return config;
  }

  /** Returns the names of the model's tensors in canonical order: embedding, layers, norm, head. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * Returns how a tensor is stored: f32, bf16 or f16.
   *
   * @throws CheckpointException if the model has no such tensor
   */
  public DataType dataType(String name) {
    return file(name).dataType(name);
  }

  /**
   * Returns the dimensions of a tensor, outermost first.
   *
   * @throws CheckpointException if the model has no such tensor
   */
  public long[] shape(String name) {
    return file(name).shape(name);
  }

  /**
   * Maps a whole tensor; see {@link SafetensorsFile#tensor}.
   *
   * @throws CheckpointException if the model has no such tensor, or it takes 2 GiB or more
   */
  public HostTensor tensor(String name) {
    return file(name).tensor(name);
  }

  /**
   * Maps a piece of a tensor; see {@link SafetensorsFile#bytes}.
   *
   * @throws CheckpointException if the model has no such tensor
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public ByteBuffer bytes(String name, long byteOffset, int byteLength) {
    return file(name).bytes(name, byteOffset, byteLength);
  }

  /**
   * Copies a piece of a tensor into a buffer of the caller; see {@link SafetensorsFile#read}.
   *
   * @throws CheckpointException if the model has no such tensor, or it cannot be read
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public void read(String name, long byteOffset, ByteBuffer target) {
    file(name).read(name, byteOffset, target);
  }

  /**
   * Computes the base fingerprint, 64 hexadecimal digits: a SHA-256 over the architecture and every
   * tensor's name, shape and values rounded to bf16, so that shards and other storage of the same
   * weights agree. Reads all weights, at more than a gigabyte in a few seconds.
   *
   * @throws CheckpointException if a file cannot be read
   */
  public String fingerprint() {
    return Fingerprint.of(this);
  }

  private SafetensorsFile file(String name) {
    SafetensorsFile file = tensors.get(name);
    if (file == null) {
      throw new CheckpointException("There is no tensor " + name + " in " + directory + ".");
    }
    return file;
  }

  /** Closes the files. Tensors that were mapped stay valid. Closing twice does nothing. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
