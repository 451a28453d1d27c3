package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("weights.safetensors");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void refusesMissingFile() {
    assertRefused("There is no file");
  }

  @Test
  void refusesFileShorterThanLengthOfHeader() throws IOException {
    Files.write(file, new byte[] {1, 2, 3});
    assertRefused("3 bytes");
  }

  @Test
  void refusesHeaderLengthBeyondFile() {
    SafetensorsFiles.writeRaw(file, 5000, "{}".getBytes(StandardCharsets.UTF_8), 0);
    assertRefused("claims 5000 bytes", "only 10", "truncated");
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "100000001", "-1", "-9223372036854775808", "9223372036854775807"})
  void refusesImpossibleHeaderLength(long length) {
    SafetensorsFiles.writeRaw(file, length, "{}".getBytes(StandardCharsets.UTF_8), 0);
    assertRefused("header claims " + Long.toUnsignedString(length) + " bytes");
  }

  @Test
  void refusesTruncatedData() throws IOException {
    SafetensorsWriter.write(file, Map.of("w", HostTensor.of(new float[100], 100)), Map.of());
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(access.length() - 1);
    }
    assertRefused("the tensor w ends at byte 400", "only 399", "truncated");
  }

  @Test
  void refusesHeaderThatIsNotUtf8() {
    SafetensorsFiles.writeBytes(file, new byte[] {'{', '"', (byte) 0xC3, '"', '}'}, 0);
    assertRefused("not valid UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"w\": | not valid JSON",
        "[1] | does not begin with '{'",
        "{} x | not valid JSON",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
            + "\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | Duplicate field 'w'",
        "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}} | F8_E4M3",
        "{\"w\":{\"shape\":[4],\"data_offsets\":[0,4]}} | no dtype",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,5]}} | only 4",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}} | take 3",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,4]}} | take 16",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}} | not [begin, end]",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4]}} | not [begin, end]",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}} | negative",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4.0],\"data_offsets\":[0,4]}} | integers",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":4,\"data_offsets\":[0,4]}} | no list named shape",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,1e99]}} | integers",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}"
            + " | too large",
        "{\"w\":7} | not described by an object",
        "{\"__metadata__\":{\"a\":1}} | metadata a",
        "{\"__metadata__\":[]} | not an object",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | a and b overlap",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | 1 bytes before b",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} | 3 bytes at its end",
      })
  void refusesHeaderThatBreaksTheFormat(String header, String complaint) {
    SafetensorsFiles.write(file, header, 4);
    assertRefused(complaint);
  }

  @Test
  void readsEmptyTensorsAndScalars() {
    Map<String, HostTensor> tensors =
        Map.of("empty", HostTensor.of(new float[0], 0, 3), "scalar", HostTensor.of(new long[] {7}));
    SafetensorsWriter.write(file, tensors, Map.of());

    assertThat(SafetensorsFiles.read(file)).isEqualTo(tensors);
    assertThat(SafetensorsFiles.read(file).get("scalar").toLongArray()).containsExactly(7);
  }

  @Test
  void readsFilesAndTensorsOverTwoGibibytes() throws IOException {
    long large = 2_500_000_000L;
    String header =
        "{\"large\":{\"dtype\":\"U8\",\"shape\":["
            + large
            + "],\"data_offsets\":[0,"
            + large
            + "]},\"behind\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":["
            + large
            + ","
            + (large + 2)
            + "]}}";
    SafetensorsFiles.write(file, header, 0);
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      long start = access.length();
      access.seek(start + large - 1); // a sparse file: the rest takes no space
      access.write(new byte[] {1, 2, 3});
    }
    try (SafetensorsFile weights = SafetensorsFile.open(file)) {
      assertThat(weights.bytes("large", large - 2, 2)).isEqualTo(ByteBuffer.wrap(bytes(0, 1)));
      assertThat(weights.tensor("behind").toLongArray()).containsExactly(2, 3);
      assertThatThrownBy(() -> weights.tensor("large"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll("large", "in pieces");
    }
  }

  @Test
  void tensorsStayValidAfterClose() {
    SafetensorsWriter.write(file, Map.of("w", HostTensor.of(new float[] {3}, 1)), Map.of());
    assertThat(SafetensorsFiles.read(file).get("w").toFloatArray()).containsExactly(3);
  }

  @Test
  void refusesUnknownTensorsAndPiecesOutsideOfThem() {
    SafetensorsWriter.write(file, Map.of("w", HostTensor.of(new float[] {3}, 1)), Map.of());
    try (SafetensorsFile weights = SafetensorsFile.open(file)) {
      assertThatThrownBy(() -> weights.tensor("v"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll("v", file.toString());
      for (long[] piece : List.of(new long[] {-1, 1}, new long[] {0, 5}, new long[] {4, 1})) {
        assertThatThrownBy(() -> weights.bytes("w", piece[0], (int) piece[1]))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void failedWriteLeavesTheOldFile() throws IOException {
    SafetensorsWriter.write(file, Map.of("w", HostTensor.of(new float[] {3}, 1)), Map.of());
    byte[] before = Files.readAllBytes(file);

    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[10]));
                      throw new IOException("disk full");
                    },
                    CheckpointException::new))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(file.toString(), "disk full");

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void refusesToWriteIntoMissingFolder() {
    Path target = folder.resolve("missing").resolve("w.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.write(target, Map.of(), Map.of()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(target.toString(), "folder does not exist");
  }

  @Test
  void refusesToWriteReservedOrUnencodableNames() {
    HostTensor tensor = HostTensor.of(new float[] {3}, 1);
    for (String name : List.of("__metadata__", "\uD800")) {
      assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(name, tensor), Map.of()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(file).doesNotExist();
  }
}
