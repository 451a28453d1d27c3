package io.github.moa4j.core.lora;

import io.github.moa4j.core.checkpoint.Checkpoint;
import io.github.moa4j.core.checkpoint.DataType;
import io.github.moa4j.core.checkpoint.HostTensor;
import io.github.moa4j.core.checkpoint.SafetensorsWriter;
import io.github.moa4j.core.checkpoint.TensorSource;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A base with an adapter worked into its weights, W + (α / r) B A: a checkpoint of its own, as
 * large and as fast as the base, which every program that reads the base's format can serve, and
 * which can be the base of other adapters.
 *
 * <p>Weights are rounded once, to the type that the base stores them in, so that answers differ
 * from those of base and adapter by what that rounding does. It is another base: its fingerprint
 * differs, and adapters of the old one do not fit it.
 */
public final class MergedCheckpoint {

  private static final int PIECE_BYTES = 1 << 20;
  private static final List<String> WEIGHT_FILES =
      List.of(".safetensors", ".index.json", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack");

  private final Checkpoint checkpoint;
  private final Map<String, WeightChange> changes;

  private MergedCheckpoint(Checkpoint checkpoint, Map<String, WeightChange> changes) {
    this.checkpoint = checkpoint;
    this.changes = changes;
  }

  /**
   * Writes the merged checkpoint: the base's configuration and tokenizer as they are, then the
   * weights as one file, of which a megabyte is in memory at a time. As long as that file is
   * missing the directory is none that opens.
   *
   * @param base a Hugging Face directory; only read
   * @param directory made if it does not exist; must be empty
   * @throws AdapterException if the adapter does not fit the base, or is one that no weights can
   *     stand for: one that acts from a token on, that changes the embedding or the head of a base
   *     that ties them, or adds a bias where the base has none
   * @throws io.github.moa4j.core.MoaException if the base cannot be read, or the directory is not
   *     empty or cannot be written
   */
  public static void write(Path base, LoraAdapter adapter, Path directory) {
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      adapter.checkFits(checkpoint.config());
      new MergedCheckpoint(checkpoint, WeightChange.of(adapter, checkpoint)).write(directory);
    }
  }

  private void write(Path directory) {
    prepare(directory);
    Map<String, TensorSource> tensors = new LinkedHashMap<>();
    checkpoint.names().forEach(name -> tensors.put(name, source(name)));
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
  }

  private void prepare(Path directory) {
    try {
      Files.createDirectories(directory);
      if (!DurableFiles.list(directory).isEmpty()) {
        throw new AdapterException(
            "The directory "
                + directory
                + " is not empty. Name one that is, or that does not exist, for the merged base.");
      }
      for (Path file : DurableFiles.list(checkpoint.directory())) {
        String name = file.getFileName().toString();
        if (Files.isRegularFile(file) && !isWeights(name)) { // a hub's cache has links to files
          DurableFiles.copy(file, directory.resolve(name), AdapterException::new);
        }
      }
    } catch (IOException e) {
      throw new AdapterException(
          "Cannot prepare the directory " + directory + ": " + Failure.reason(e) + ".", e);
    }
  }

  private static boolean isWeights(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return WEIGHT_FILES.stream().anyMatch(lower::endsWith);
  }

  private TensorSource source(String name) {
    WeightChange change = changes.get(name);
    return new TensorSource() {
      @Override
      public DataType dataType() {
        return checkpoint.dataType(name);
      }

      @Override
      public long[] shape() {
        return checkpoint.shape(name);
      }

      @Override
      public void writeTo(WritableByteChannel channel) throws IOException {
        long[] shape = shape();
        int columns = Math.toIntExact(shape[shape.length - 1]);
        long rows = Arrays.stream(shape, 0, shape.length - 1).reduce(1, (a, b) -> a * b);
        int rowBytes = Math.multiplyExact(columns, dataType().bytes());
        int step = Math.max(1, PIECE_BYTES / Math.max(1, rowBytes));
        ByteBuffer piece = ByteBuffer.allocateDirect(Math.multiplyExact(step, rowBytes));
        piece.order(ByteOrder.LITTLE_ENDIAN);
        for (long row = 0; row < rows; row += step) {
          int count = (int) Math.min(step, rows - row);
          checkpoint.read(name, row * rowBytes, piece.clear().limit(count * rowBytes));
          piece.flip();
          if (change == null) {
            AtomicFile.writeFully(channel, piece);
          } else {
            merged(change, piece, Math.toIntExact(row), count, columns).writeTo(channel);
          }
        }
      }

      private HostTensor merged(
          WeightChange change, ByteBuffer piece, int first, int count, int columns) {
        float[] values =
            new HostTensor(dataType(), new long[] {count, columns}, piece).toFloatArray();
        float[] row = new float[columns];
        for (int i = 0; i < count; i++) {
          System.arraycopy(values, i * columns, row, 0, columns);
          change.apply(first + i, row);
          System.arraycopy(row, 0, values, i * columns, columns);
        }
        HostTensor rounded = HostTensor.rounded(dataType(), values, count, columns);
        for (float value : rounded.toFloatArray()) {
          if (!Float.isFinite(value)) {
            throw new AdapterException(
                "Merged, "
                    + name
                    + " would have values that "
                    + dataType()
                    + " cannot hold. Convert the base to f32 or bf16 first.");
          }
        }
        return rounded;
      }
    };
  }
}
