package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes safetensors files as the reference implementation does: the metadata first in the header,
 * the header padded with spaces to a multiple of 8 bytes, the tensors one behind the other.
 */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes or replaces a file atomically; see {@link AtomicFile}.
   *
   * @param tensors by name, in the order in which the file shall hold them
   * @param metadata strings such as {@code format}; empty for none
   * @throws IllegalArgumentException if a tensor has the reserved name {@code __metadata__}, a name
   *     is not valid Unicode, or the header would be longer than readers accept
   * @throws CheckpointException if the file cannot be written; an old file is unchanged then
   */
  public static void write(
      Path target, Map<String, ? extends TensorSource> tensors, Map<String, String> metadata) {
    byte[] header = header(tensors, metadata);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(header.length).flip();
    AtomicFile.write(
        target,
        channel -> {
          AtomicFile.writeFully(channel, length);
          AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
          for (TensorSource tensor : tensors.values()) {
            tensor.writeTo(channel);
          }
        },
        CheckpointException::new);
  }

  private static byte[] header(
      Map<String, ? extends TensorSource> tensors, Map<String, String> metadata) {
    Map<String, Object> header = new LinkedHashMap<>();
    metadata.forEach(
        (key, value) -> {
          requireUnicode(key);
          requireUnicode(value);
        });
    if (!metadata.isEmpty()) {
      header.put(SafetensorsHeader.METADATA, metadata);
    }
    long offset = 0;
    for (Map.Entry<String, ? extends TensorSource> entry : tensors.entrySet()) {
      if (entry.getKey().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("No tensor may be named " + entry.getKey() + ".");
      }
      requireUnicode(entry.getKey());
      TensorSource tensor = entry.getValue();
      long end = offset + HostTensor.elements(tensor.shape()) * tensor.dataType().bytes();
      Map<String, Object> description = new LinkedHashMap<>();
      description.put("dtype", tensor.dataType().name());
      description.put("shape", tensor.shape());
      description.put("data_offsets", new long[] {offset, end});
      header.put(entry.getKey(), description);
      offset = end;
    }
    return padded(Json.compact(header).getBytes(StandardCharsets.UTF_8));
  }

  /** A lone surrogate could be escaped in JSON, but other readers refuse it. */
  private static void requireUnicode(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("A name or metadata string is not valid Unicode.");
    }
  }

  private static byte[] padded(byte[] header) {
    int length = (header.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] result = Arrays.copyOf(header, length);
    if (length > SafetensorsHeader.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "The header would take "
              + length
              + " bytes; "
              + SafetensorsHeader.MAX_LENGTH
              + " are allowed.");
    }
    Arrays.fill(result, header.length, length, (byte) ' ');
    return result;
  }
}
