package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.ExpertParameters.Within;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.files.Failure;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the tensors of a model among those that the files hold, and compares every name, shape and
 * type with the configuration. Three other ways to write the same model are understood: without the
 * prefix {@code model.}, as the part below the output projection is saved alone, a tied matrix
 * under the name of the output projection only, and all experts of a layer as one parameter.
 */
final class StoredTensors {

  /**
   * A tensor of a file, or a piece of one.
   *
   * @param name that the file gives it
   * @param shape of the piece
   * @param offset bytes before the piece
   */
  record Stored(SafetensorsFile file, String name, long[] shape, long offset) {

    DataType dataType() {
      return file.dataType(name);
    }

    private long byteSize() {
      return HostTensor.elements(shape) * dataType().bytes();
    }

    /** Maps it as a whole. */
    HostTensor tensor() {
      if (Arrays.equals(shape, file.shape(name))) {
        return file.tensor(name);
      }
      return new HostTensor(dataType(), shape, bytes(0, Math.toIntExact(byteSize())));
    }

    ByteBuffer bytes(long byteOffset, int byteLength) {
      return file.bytes(name, within(byteOffset, byteLength), byteLength);
    }

    void read(long byteOffset, ByteBuffer target) {
      file.read(name, within(byteOffset, target.remaining()), target);
    }

    private long within(long byteOffset, int byteLength) {
      return offset + Objects.checkFromIndexSize(byteOffset, byteLength, byteSize());
    }
  }

  private static final Set<DataType> WEIGHT_TYPES =
      Collections.unmodifiableSet(EnumSet.of(DataType.F32, DataType.BF16, DataType.F16));
  private static final int REPORTED_PROBLEMS = 5;
  private static final int COMPARED_BYTES = 1 << 20;
  private static final String PREFIX = "model.";
  private static final String EXPERTS = ".mlp.experts.gate_up_proj";

  private final Path directory;
  private final ModelConfig config;
  private final DecoderLayout layout;
  private final Map<String, SafetensorsFile> holders;
  private final boolean prefixed;
  private final List<String> problems = new ArrayList<>();

  private StoredTensors(Path directory, ModelConfig config, Map<String, SafetensorsFile> holders) {
    this.directory = directory;
    this.config = config;
    this.layout = DecoderLayout.of(config);
    this.holders = holders;
    this.prefixed = holders.keySet().stream().anyMatch(name -> name.startsWith(PREFIX));
  }

  /**
   * Returns the model's tensors by their canonical names, in canonical order.
   *
   * @param holders the file of each tensor
   * @throws CheckpointException if a tensor is missing, surplus, or of another shape or type
   */
  static Map<String, Stored> find(
      Path directory, ModelConfig config, Map<String, SafetensorsFile> holders) {
    return new StoredTensors(directory, config, holders).find();
  }

  private Map<String, Stored> find() {
    Map<String, Stored> found = new LinkedHashMap<>();
    boolean together = holders.keySet().stream().anyMatch(name -> name.endsWith(EXPERTS));
    Map<String, Within> within =
        together ? ExpertParameters.within(config, layout) : Map.<String, Within>of();
    layout
        .tensors()
        .forEach((name, shape) -> find(name, shape, Optional.ofNullable(within.get(name)), found));
    Set<String> used = found.values().stream().map(Stored::name).collect(Collectors.toSet());
    for (String name : holders.keySet()) {
      if (!used.contains(name) && !isHarmless(name)) {
        problems.add(
            Failure.quote(name)
                + " is not part of a "
                + config.modelType()
                + " model of this shape");
      }
    }
    if (!problems.isEmpty()) {
      throw mismatch();
    }
    if (config.tieWordEmbeddings() && holders.containsKey(DecoderLayout.LM_HEAD)) {
      refuseAnotherHead(found.get(layout.embedding()));
    }
    return found;
  }

  private void find(String name, long[] own, Optional<Within> within, Map<String, Stored> found) {
    String stored = storedName(within.map(Within::name).orElse(name));
    long[] shape = within.map(Within::shape).orElse(own);
    SafetensorsFile file = holders.get(stored);
    if (file == null) {
      problems.add(stored + " is missing" + hint(name));
      return;
    }
    if (!Arrays.equals(file.shape(stored), shape)) {
      problems.add(
          stored
              + " has the shape "
              + Arrays.toString(file.shape(stored))
              + ", expected "
              + Arrays.toString(shape));
    } else if (!WEIGHT_TYPES.contains(file.dataType(stored))) {
      problems.add(
          stored + " is stored as " + file.dataType(stored) + ", expected one of " + WEIGHT_TYPES);
    }
    long offset = within.map(Within::offset).orElse(0L) * file.dataType(stored).bytes();
    found.put(name, new Stored(file, stored, own, offset));
  }

  private String storedName(String name) {
    if (holders.containsKey(name)) {
      return name;
    }
    if (!prefixed && name.startsWith(PREFIX)) {
      String bare = name.substring(PREFIX.length());
      if (holders.containsKey(bare)) {
        return bare;
      }
    }
    return config.tieWordEmbeddings() && name.equals(layout.embedding())
        ? DecoderLayout.LM_HEAD
        : name;
  }

  private String hint(String name) {
    if (name.equals(DecoderLayout.LM_HEAD)) {
      return " although tie_word_embeddings is not true";
    }
    if (name.equals(layout.embedding())) {
      return holders.keySet().stream()
          .filter(stored -> stored.endsWith("embed_tokens.weight"))
          .findFirst()
          .map(stored -> ", but there is " + Failure.quote(stored) + ": another prefix")
          .orElse("");
    }
    return "";
  }

  /** Older files store the rotary frequencies, which follow from the configuration. */
  private boolean isHarmless(String name) {
    return name.endsWith("rotary_emb.inv_freq")
        || (name.equals(DecoderLayout.LM_HEAD) && config.tieWordEmbeddings());
  }

  /**
   * A copy of the tied matrix changes nothing. A different one does: some versions of transformers
   * compute with it, others pass over it.
   */
  private void refuseAnotherHead(Stored embedding) {
    SafetensorsFile holder = holders.get(DecoderLayout.LM_HEAD);
    long[] shape = holder.shape(DecoderLayout.LM_HEAD);
    Stored head = new Stored(holder, DecoderLayout.LM_HEAD, shape, 0);
    if (!sameBytes(head, embedding)) {
      throw new CheckpointException(
          directory
              + " holds a lm_head.weight that differs from the embedding matrix, although"
              + " tie_word_embeddings is true. Set it to false in config.json to compute with that"
              + " lm_head, or remove the tensor to compute with the embedding.");
    }
  }

  private static boolean sameBytes(Stored a, Stored b) {
    if (a.file() == b.file() && a.name().equals(b.name())) {
      return true;
    }
    long size = a.byteSize();
    if (a.dataType() != b.dataType() || !Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    ByteBuffer left = ByteBuffer.allocate(COMPARED_BYTES);
    ByteBuffer right = ByteBuffer.allocate(COMPARED_BYTES);
    for (long offset = 0; offset < size; offset += COMPARED_BYTES) {
      int count = (int) Math.min(COMPARED_BYTES, size - offset);
      a.read(offset, left.clear().limit(count));
      b.read(offset, right.clear().limit(count));
      if (!left.flip().equals(right.flip())) {
        return false;
      }
    }
    return true;
  }

  private CheckpointException mismatch() {
    int more = problems.size() - REPORTED_PROBLEMS;
    return new CheckpointException(
        "The weights in "
            + directory
            + " do not match its config.json: "
            + String.join("; ", problems.subList(0, Math.min(REPORTED_PROBLEMS, problems.size())))
            + (more > 0 ? "; and " + more + " more." : "."));
  }
}
