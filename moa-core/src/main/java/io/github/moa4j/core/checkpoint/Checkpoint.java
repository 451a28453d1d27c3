package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.StoredTensors.Stored;
import io.github.moa4j.core.config.ModelConfig;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
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
 * rotary_emb.inv_freq}, and a {@code lm_head.weight} that equals the embedding it is tied to.
 * Tensors may lack the prefix {@code model.}; they are known by their full names here.
 *
 * <p>Holds the files open until it is closed. Thread-safe.
 */
public final class Checkpoint implements AutoCloseable {

  private final Path directory;
  private final ModelConfig config;
  private final Map<String, Stored> tensors; // in canonical order
  private final List<SafetensorsFile> files;

  private Checkpoint(
      Path directory,
      ModelConfig config,
      Map<String, Stored> tensors,
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
      Map<String, Stored> tensors = StoredTensors.find(directory, config, holders);
      valid = true;
      return new Checkpoint(
          directory, config, Collections.unmodifiableMap(tensors), List.copyOf(opened.values()));
    } finally {
      if (!valid) {
        opened.values().forEach(SafetensorsFile::close);
      }
    }
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
    return stored(name).dataType();
  }

  /**
   * Returns the dimensions of a tensor, outermost first.
   *
   * @throws CheckpointException if the model has no such tensor
   */
  public long[] shape(String name) {
    return stored(name).shape().clone();
  }

  /**
   * Maps a whole tensor; see {@link SafetensorsFile#tensor}.
   *
   * @throws CheckpointException if the model has no such tensor, or it takes 2 GiB or more
   */
  public HostTensor tensor(String name) {
    return stored(name).tensor();
  }

  /**
   * Maps a piece of a tensor; see {@link SafetensorsFile#bytes}.
   *
   * @throws CheckpointException if the model has no such tensor
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public ByteBuffer bytes(String name, long byteOffset, int byteLength) {
    return stored(name).bytes(byteOffset, byteLength);
  }

  /**
   * Copies a piece of a tensor into a buffer of the caller; see {@link SafetensorsFile#read}.
   *
   * @throws CheckpointException if the model has no such tensor, or it cannot be read
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public void read(String name, long byteOffset, ByteBuffer target) {
    stored(name).read(byteOffset, target);
  }

  /**
   * Reads all weights once, in the order of {@link #names()}, and computes the fingerprint of what
   * was read on the way.
   *
   * @param target takes them, in this thread
   * @return the {@linkplain #fingerprint() base fingerprint}
   * @throws CheckpointException if a file cannot be read
   */
  public String read(WeightPieces target) {
    try (WeightPass pass = new WeightPass(this)) {
      return pass.read(target);
    }
  }

  /**
   * Computes the base fingerprint, 64 hexadecimal digits: a SHA-256 over the architecture and every
   * tensor's name, shape and values rounded to bf16, so that shards and other storage of the same
   * weights agree. Reads all weights, about two gigabytes a second; who loads them anyway gets the
   * fingerprint from {@link #read(WeightPieces)}.
   *
   * @throws CheckpointException if a file cannot be read
   */
  public String fingerprint() {
    return read((name, byteOffset, bytes) -> {});
  }

  private Stored stored(String name) {
    Stored stored = tensors.get(name);
    if (stored == null) {
      throw new CheckpointException("There is no tensor " + name + " in " + directory + ".");
    }
    return stored;
  }

  /** Closes the files. Tensors that were mapped stay valid. Closing twice does nothing. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
