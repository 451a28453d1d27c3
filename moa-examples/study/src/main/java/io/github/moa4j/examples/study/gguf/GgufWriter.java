package io.github.moa4j.examples.study.gguf;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes GGUF files of version 3: magic, counts, typed metadata, where each tensor is, then the
 * tensors, each at a multiple of 32 bytes. Everything is little endian.
 */
final class GgufWriter {

  private static final int MAGIC = 0x46554747; // "GGUF"
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int HEADER_BYTES = 1 << 20;
  private static final int UINT32 = 4;
  private static final int FLOAT32 = 6;
  private static final int STRING = 8;

  /** A tensor whose rows are asked for when they are written. */
  record Tensor(String name, TensorType type, int rows, int columns, Rows source) {

    long bytes() {
      return type.bytes((long) rows * columns);
    }
  }

  /** Gives the rows of a matrix in the order of the file; a vector is a matrix of one row. */
  @FunctionalInterface
  interface Rows {
    float[] row(int index);
  }

  private final Map<String, Object> metadata;
  private final List<Tensor> tensors;

  /**
   * @param metadata values are Integer, Float or String
   */
  GgufWriter(Map<String, Object> metadata, List<Tensor> tensors) {
    this.metadata = new LinkedHashMap<>(metadata);
    this.tensors = List.copyOf(tensors);
  }

  void write(Path target) {
    AtomicFile.write(target, this::write, MoaException::new);
  }

  private void write(WritableByteChannel channel) throws IOException {
    AtomicFile.writeFully(channel, header());
    for (Tensor tensor : tensors) {
      int rowBytes = (int) tensor.type().bytes(tensor.columns());
      int rowsAtOnce = Math.max(1, HEADER_BYTES / rowBytes);
      for (int row = 0; row < tensor.rows(); row += rowsAtOnce) {
        int rows = Math.min(rowsAtOnce, tensor.rows() - row);
        ByteBuffer piece = allocate(rows * rowBytes);
        for (int i = 0; i < rows; i++) {
          tensor.type().encode(tensor.source().row(row + i), piece);
        }
        AtomicFile.writeFully(channel, piece.flip());
      }
      AtomicFile.writeFully(channel, allocate((int) (aligned(tensor.bytes()) - tensor.bytes())));
    }
  }

  private ByteBuffer header() {
    ByteBuffer header = allocate(HEADER_BYTES);
    header.putInt(MAGIC).putInt(VERSION).putLong(tensors.size()).putLong(metadata.size());
    metadata.forEach((key, value) -> put(header, key, value));
    long offset = 0;
    for (Tensor tensor : tensors) {
      put(header, tensor.name());
      if (tensor.rows() == 1) {
        header.putInt(1).putLong(tensor.columns());
      } else {
        header.putInt(2).putLong(tensor.columns()).putLong(tensor.rows());
      }
      header.putInt(tensor.type().id()).putLong(offset);
      offset += aligned(tensor.bytes());
    }
    header.position((int) aligned(header.position()));
    return header.flip();
  }

  private static void put(ByteBuffer header, String key, Object value) {
    put(header, key);
    if (value instanceof Integer number) {
      header.putInt(UINT32).putInt(number);
    } else if (value instanceof Float number) {
      header.putInt(FLOAT32).putFloat(number);
    } else {
      put(header.putInt(STRING), (String) value);
    }
  }

  private static void put(ByteBuffer header, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    header.putLong(bytes.length).put(bytes);
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
