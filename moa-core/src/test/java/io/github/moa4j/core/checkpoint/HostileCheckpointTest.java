package io.github.moa4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.moa4j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that somebody damaged on purpose: every outcome is a checkpoint or its one exception. */
class HostileCheckpointTest {

  private static final String[] TOKENS = {
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e400",
    "0.5",
    "NaN",
    "null",
    "true",
    "{}",
    "[]",
    "[[",
    "}}",
    "\"",
    "\"F64\"",
    "\"BF16\"",
    "\"\\ud800\"",
    "\"__metadata__\"",
    "\"model.norm.weight\"",
    ":",
    ",",
    "\"../x\"",
    "\u0000",
    "é",
    "[0,0]"
  };

  @TempDir private Path folder;

  @Test
  @Timeout(60)
  void damagedSafetensorsAreReadWholeOrRefused() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("a", HostTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("b", HostTensor.of(new long[] {7, 8}, 2));
    tensors.put("empty", HostTensor.of(new float[0], 0, 4));
    tensors.put("scalar", HostTensor.of(new float[] {9}));
    SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    byte[] valid = Files.readAllBytes(file);
    Random random = new Random(20_260_101);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = damage(random, valid, true);
      Files.write(file, damaged);
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        readEverything(opened, damaged.length);
      } catch (CheckpointException e) {
        assertThat(e.getMessage()).contains(file.toString()).hasSizeLessThan(1200);
        refused++;
      } catch (RuntimeException | Error e) {
        fail("Round " + i + ": " + Arrays.toString(damaged), e);
      }
    }
    assertThat(refused)
        .isBetween(2000, 2999); // most damage shows, some values are as good as others
  }

  private static void readEverything(SafetensorsFile file, int size) {
    long bytes = 0;
    for (String name : file.names()) {
      HostTensor tensor = file.tensor(name);
      assertThat((long) tensor.size() * tensor.dataType().bytes()).isEqualTo(file.byteSize(name));
      bytes += tensor.data().remaining();
    }
    assertThat(bytes).isLessThan(size);
  }

  @Test
  @Timeout(60)
  void damagedConfigurationsAndIndexesAreReadOrRefused() throws IOException {
    TestCheckpoint.golden("llama-longrope").writeShards(folder);
    Random random = new Random(77);
    for (String name : new String[] {"config.json", "model.safetensors.index.json"}) {
      Path file = folder.resolve(name);
      byte[] valid = Files.readAllBytes(file);
      int refused = 0;
      for (int i = 0; i < 400; i++) {
        byte[] damaged = damage(random, valid, false);
        Files.write(file, damaged);
        try (Checkpoint opened = Checkpoint.open(folder)) {
          assertThat(opened.names()).isNotEmpty();
        } catch (CheckpointException e) {
          assertThat(e.getMessage()).contains(folder.toString());
          refused++;
        } catch (RuntimeException | Error e) {
          fail("Round " + i + ": " + new String(damaged, StandardCharsets.UTF_8), e);
        }
      }
      assertThat(refused).isGreaterThan(200);
      Files.write(file, valid);
    }
  }

  /** One to three changes: a byte, a piece cut out, doubled or replaced, the end, the length. */
  private static byte[] damage(Random random, byte[] valid, boolean hasLength) {
    byte[] bytes = valid.clone();
    for (int count = 1 + random.nextInt(3); count > 0; count--) {
      int at = random.nextInt(bytes.length);
      int to = Math.min(bytes.length, at + 1 + random.nextInt(12));
      switch (random.nextInt(hasLength ? 8 : 6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = splice(bytes, at, to, new byte[0]);
        case 3 -> bytes = splice(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
        case 4, 5 -> {
          byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
          bytes = splice(bytes, at, Math.min(bytes.length, at + random.nextInt(3)), token);
        }
        case 6 -> bytes = Arrays.copyOf(bytes, Math.max(1, random.nextInt(2 * bytes.length)));
        default -> {
          if (bytes.length >= 8) {
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, random.nextBoolean() ? random.nextLong() : random.nextInt(600));
          }
        }
      }
      if (bytes.length == 0) {
        bytes = new byte[1];
      }
      if (hasLength && random.nextInt(3) > 0 && bytes.length > 8) {
        agreeOnLength(bytes);
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
    ByteBuffer result = ByteBuffer.allocate(from + middle.length + bytes.length - to);
    return result.put(bytes, 0, from).put(middle).put(bytes, to, bytes.length - to).array();
  }

  /**
   * Makes the claimed length end at the last brace, so that damage reaches behind the first check.
   */
  private static void agreeOnLength(byte[] bytes) {
    for (int end = bytes.length; end > 8; end--) {
      if (bytes[end - 1] == '}') {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, end - 8L);
        return;
      }
    }
  }

  @Test
  @Timeout(60)
  void largeHeadersTakeLittleMemory() throws IOException {
    Path file = folder.resolve("large.safetensors");
    refuses(file, "{\"a\":" + "[".repeat(1_000_000), "not described by an object");
    refuses(file, "{\"a\":{\"x\":" + "[".repeat(1_000_000), "not valid JSON");
    refuses(file, "{\"" + "a".repeat(1_000_000) + "\":1}", "not valid JSON");
    String ones = "1" + ",1".repeat(1_000_000);
    refuses(file, "{\"a\":{\"shape\":[" + ones + "]}}", "over 64 numbers");
    refuses(file, "{\"a\":{\"shape\":[" + "9".repeat(1_000_000) + "]}}", "not valid JSON");
    StringBuilder many = new StringBuilder("{\"__metadata__\":{\"\":\"\"");
    for (int i = 0; i < 1_000_001; i++) {
      many.append(",\"").append(Integer.toString(i, 36)).append("\":\"\"");
    }
    refuses(file, many + "}}", "over 1000000 entries");
  }

  private static void refuses(Path file, String header, String complaint) {
    SafetensorsFiles.write(file, header, 0);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(file.toString(), complaint)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
  }

  @Test
  void namesOfOneHashAreReadAsAnyOthers() throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    for (int i = 0; i < 1 << 13; i++) {
      header.append(",\"");
      for (int bit = 0; bit < 13; bit++) {
        header.append((i >> bit & 1) == 0 ? "Aa" : "BB"); // of the same hash
      }
      header.append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    Path file = SafetensorsFiles.write(folder.resolve("w.safetensors"), header + "}", 0);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(opened.names()).hasSize(1 << 13);
    }
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a regular file");
  }
}
