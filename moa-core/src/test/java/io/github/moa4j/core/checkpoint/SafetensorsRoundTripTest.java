package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SafetensorsRoundTripTest {

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void readsBackWhatWasWritten(
      @ForAll("namedTensors") Map<String, HostTensor> tensors,
      @ForAll("strings") Map<String, String> metadata)
      throws IOException {
    Path folder = Files.createTempDirectory("moa4j");
    try {
      Path path = folder.resolve("tensors.safetensors");
      SafetensorsWriter.write(path, tensors, metadata);

      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.metadata()).isEqualTo(metadata);
        assertThat(new ArrayList<>(file.names())).isEqualTo(new ArrayList<>(tensors.keySet()));
        tensors.forEach(
            (name, tensor) -> {
              assertThat(file.tensor(name)).isEqualTo(tensor);
              assertThat(readInPieces(file, name)).isEqualTo(tensor.data());
            });
      }
      assertThat(ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN).getLong())
          .as("the data begins at a multiple of 8")
          .matches(length -> length % 8 == 0);
      try (var files = Files.list(folder)) {
        assertThat(files).as("no temporary file is left").containsExactly(path);
      }
    } finally {
      Files.deleteIfExists(folder.resolve("tensors.safetensors"));
      Files.delete(folder);
    }
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void damageIsReadAsItIsOrRefusedByName(
      @ForAll @IntRange(max = 200) int position,
      @ForAll byte value,
      @ForAll @IntRange(max = 20) int cut)
      throws IOException {
    Path file = Files.createTempFile("moa4j", ".safetensors");
    try {
      SafetensorsWriter.write(
          file,
          Map.of("model.norm.weight", HostTensor.of(new float[] {1, 2, 3}, 3)),
          Map.of("format", "pt"));
      byte[] bytes = Files.readAllBytes(file);
      bytes[position % bytes.length] = value;
      Files.write(file, Arrays.copyOf(bytes, bytes.length - Math.max(0, cut - 10)));
      try {
        SafetensorsFiles.read(file);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    } finally {
      Files.delete(file);
    }
  }

  private static ByteBuffer readInPieces(SafetensorsFile file, String name) {
    ByteBuffer all = ByteBuffer.allocate((int) file.byteSize(name));
    while (all.hasRemaining()) {
      int length = Math.min(7, all.remaining());
      ByteBuffer mapped = file.bytes(name, all.position(), length);
      ByteBuffer copied = ByteBuffer.allocateDirect(length);
      file.read(name, all.position(), copied);
      assertThat(copied.flip()).isEqualTo(mapped);
      all.put(mapped);
    }
    return all.flip();
  }

  @Provide
  Arbitrary<Map<String, HostTensor>> namedTensors() {
    Arbitrary<String> names =
        text().filter(name -> !name.equals("__metadata__")); // the one reserved name
    return Arbitraries.maps(names, tensors()).ofMaxSize(6).map(LinkedHashMap::new);
  }

  @Provide
  Arbitrary<Map<String, String>> strings() {
    return Arbitraries.maps(text(), text()).ofMaxSize(3);
  }

  private static Arbitrary<String> text() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(20),
        Arbitraries.of("модель", "重み", "a\"b\\c\n\u0000", "\uD83D\uDE42", "", "a.b.c"));
  }

  private static Arbitrary<HostTensor> tensors() {
    Arbitrary<List<Long>> shapes = Arbitraries.longs().between(0, 5).list().ofMaxSize(4);
    return Combinators.combine(Arbitraries.of(DataType.class), shapes, Arbitraries.longs())
        .as(SafetensorsRoundTripTest::randomTensor);
  }

  private static HostTensor randomTensor(DataType dataType, List<Long> dimensions, long seed) {
    long[] shape = dimensions.stream().mapToLong(dimension -> dimension).toArray();
    byte[] bytes = new byte[(int) HostTensor.elements(shape) * dataType.bytes()];
    new Random(seed).nextBytes(bytes);
    return new HostTensor(dataType, shape, ByteBuffer.wrap(bytes));
  }
}
