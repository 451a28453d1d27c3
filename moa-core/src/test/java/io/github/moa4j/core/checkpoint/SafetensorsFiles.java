package io.github.moa4j.core.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Safetensors files for tests: well-formed ones in memory, and damaged ones byte by byte. */
final class SafetensorsFiles {

  private SafetensorsFiles() {}

  /** Writes a file of any header text and any number of bytes of data. */
  static Path write(Path file, String header, int dataBytes) {
    return writeBytes(file, header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  static Path writeBytes(Path file, byte[] header, int dataBytes) {
    return writeRaw(file, header.length, header, dataBytes);
  }

  static Path writeRaw(Path file, long claimedLength, byte[] header, int dataBytes) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(claimedLength).put(header);
    try {
      return Files.write(file, bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, HostTensor> read(Path path) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    }
    return tensors;
  }
}
