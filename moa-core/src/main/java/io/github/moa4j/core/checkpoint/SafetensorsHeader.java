package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: 8 bytes of length (unsigned, little endian), then that many
 * bytes of JSON, then the tensors without a gap. Everything is checked against the file's size
 * here, so that whoever reads a tensor later can trust its place.
 *
 * @param tensors where each tensor lies, in the order of the header
 * @param metadata the {@code __metadata__} strings
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {

  static final String METADATA = "__metadata__";
  static final int MAX_LENGTH = 100_000_000; // the reference implementation's limit

  private static final int PIECE_BYTES = 1 << 20;

  SafetensorsHeader {
    tensors = Collections.unmodifiableMap(tensors);
    metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * One tensor.
   *
   * @param begin absolute position of the first byte in the file
   * @param end absolute position behind the last byte
   */
  record Entry(DataType dataType, long[] shape, long begin, long end) {
    long length() {
      return end - begin;
    }
  }

  static SafetensorsHeader read(Path path, FileChannel channel) throws IOException {
    long fileSize = channel.size();
    if (fileSize < Long.BYTES) {
      throw damaged(path, "it has " + fileSize + " bytes, less than the length of a header");
    }
    ByteBuffer claim = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(path, channel, 0, claim);
    long length = claim.getLong(0);
    if (length < 2 || length > MAX_LENGTH) {
      throw damaged(
          path,
          "its header claims "
              + Long.toUnsignedString(length)
              + " bytes (2 to "
              + MAX_LENGTH
              + " are possible); is it a safetensors file at all?");
    }
    if (length > fileSize - Long.BYTES) {
      throw damaged(
          path,
          "its header claims "
              + length
              + " bytes, but the file has only "
              + fileSize
              + "; it is truncated, copy it again");
    }
    SafetensorsHeader header =
        SafetensorsHeaderReader.read(path, channel, Long.BYTES, (int) length, fileSize);
    header.checkLayout(path, Long.BYTES + length, fileSize);
    return header;
  }

  /** The format forbids overlaps, holes, and bytes behind the last tensor. */
  private void checkLayout(Path path, long start, long fileSize) {
    List<Map.Entry<String, Entry>> sorted =
        tensors.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
                    .thenComparingLong(e -> e.getValue().end()))
            .toList();
    long expected = start;
    String before = "";
    for (Map.Entry<String, Entry> tensor : sorted) {
      String name = Failure.quote(tensor.getKey());
      long begin = tensor.getValue().begin();
      if (begin < expected) {
        throw damaged(path, "the tensors " + before + " and " + name + " overlap");
      }
      if (begin > expected) {
        throw damaged(path, (begin - expected) + " bytes before " + name + " belong to nothing");
      }
      expected = tensor.getValue().end();
      before = name;
    }
    if (expected != fileSize) {
      throw damaged(path, (fileSize - expected) + " bytes at its end belong to no tensor");
    }
  }

  /**
   * Fills a buffer. In pieces, since a channel reads into a native buffer of the same size first,
   * which the JDK then keeps for the thread.
   */
  static void readFully(Path path, FileChannel channel, long position, ByteBuffer target)
      throws IOException {
    int limit = target.limit();
    long start = position - target.position();
    while (target.position() < limit) {
      target.limit(Math.min(limit, target.position() + PIECE_BYTES));
      if (channel.read(target, start + target.position()) < 0) {
        throw damaged(path, "it became shorter while it was open");
      }
    }
  }

  static CheckpointException damaged(Path path, String what) {
    return damaged(path, what, null);
  }

  static CheckpointException damaged(Path path, String what, Exception cause) {
    return new CheckpointException(
        "The safetensors file " + path + " is damaged: " + what + ".", cause);
  }
}
