package io.github.moa4j.core.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EncryptionTest {

  private static final String PLACE = "adapters/sql/v0003";

  @TempDir private Path temporary;

  private static SecretKey key(int seed) {
    byte[] bytes = new byte[32];
    new Random(seed).nextBytes(bytes);
    return new SecretKeySpec(bytes, "HmacSHA256");
  }

  private static EncryptionKeys keys(String id, int seed) {
    return EncryptionKeys.of(id, key(seed));
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static Path write(Path folder, Encryption encryption, Map<String, byte[]> files) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return encryption.write(
        folder,
        PLACE,
        plain -> {
          files.forEach((name, content) -> put(plain.resolve(name), content));
          return folder;
        });
  }

  private static void put(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> contents(Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private static Map<String, byte[]> read(Path folder, Encryption encryption) {
    return encryption.read(folder, PLACE, EncryptionTest::contents);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        EncryptedFile.CHUNK - 1,
        EncryptedFile.CHUNK,
        EncryptedFile.CHUNK + 1,
        256 * EncryptedFile.CHUNK,
        256 * EncryptedFile.CHUNK + 1,
        3_000_000
      })
  void whatWasWrittenIsRead(int size) throws IOException {
    Encryption encryption = Encryption.with(keys("k1", 1)).plainFilesIn(plain());
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("adapter_model.safetensors", bytes(size));
    files.put("ridge/router.json", "a secret".getBytes(StandardCharsets.UTF_8));
    Path folder = write(temporary.resolve("folder"), encryption, files);
    assertThat(contents(folder))
        .containsOnlyKeys("adapter_model.safetensors.encrypted", "ridge/router.json.encrypted");
    assertThat(
            Files.readString(
                folder.resolve("ridge/router.json.encrypted"), StandardCharsets.ISO_8859_1))
        .startsWith("MOA4JENC")
        .contains("k1")
        .doesNotContain("a secret");
    assertThat(read(folder, encryption)).containsExactlyInAnyOrderEntriesOf(files);
    assertThat(plain()).isEmptyDirectory();
  }

  private Path plain() throws IOException {
    return Files.createDirectories(temporary.resolve("plain"));
  }

  @Test
  void twoFilesNeverLookAlike() {
    Encryption encryption = Encryption.with(keys("k1", 1));
    byte[] content = bytes(100);
    Map<String, byte[]> found =
        contents(
            write(temporary.resolve("folder"), encryption, Map.of("a", content, "b", content)));
    byte[] a = found.get("a.encrypted");
    byte[] b = found.get("b.encrypted");
    assertThat(Arrays.copyOfRange(a, a.length - 116, a.length))
        .isNotEqualTo(Arrays.copyOfRange(b, b.length - 116, b.length));
  }

  @Test
  void keysAreRotated() {
    Path folder =
        write(temporary.resolve("old"), Encryption.with(keys("2026", 1)), Map.of("a", bytes(9)));
    EncryptionKeys both =
        new EncryptionKeys() {
          @Override
          public String current() {
            return "2027";
          }

          @Override
          public Optional<SecretKey> key(String id) {
            return id.equals("2026")
                ? Optional.of(EncryptionTest.key(1))
                : Optional.of(EncryptionTest.key(2)).filter(key -> id.equals("2027"));
          }
        };
    assertThat(read(folder, Encryption.with(both))).containsEntry("a", bytes(9));
    Path after = write(temporary.resolve("new"), Encryption.with(both), Map.of("a", bytes(9)));
    assertThat(read(after, Encryption.with(keys("2027", 2)))).containsEntry("a", bytes(9));
    refused(
        after, Encryption.with(keys("2026", 1)), "a.encrypted is encrypted under the key '2027'");
  }

  private static void refused(Path folder, Encryption encryption, String... said) {
    assertThatThrownBy(() -> read(folder, encryption))
        .isInstanceOf(EncryptionException.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void whoHasNoKeyIsToldWhichOneAndForWhat() {
    Path folder =
        write(temporary.resolve("f"), Encryption.with(keys("k1", 1)), Map.of("a", bytes(9)));
    refused(folder, Encryption.off(), "a.encrypted", "'k1'", "no keys were given");
    refused(folder, Encryption.with(keys("k2", 1)), "a.encrypted", "'k1'", "not among those");
    refused(folder, Encryption.with(keys("k1", 2)), "a.encrypted", "'k1' is another one");
    SecretKey shortKey = new SecretKeySpec(new byte[16], "HmacSHA256");
    refused(
        folder,
        Encryption.with(EncryptionKeys.of("k1", shortKey)),
        "'k1' has 128 bits, expected 256");
    assertThatThrownBy(() -> EncryptionKeys.of("my key", key(1)))
        .isInstanceOf(EncryptionException.class)
        .hasMessageContaining("cannot be the id of a key");
  }

  @Test
  void aPlainFolderIsReadWithKeysAndWithout() {
    Path folder = write(temporary.resolve("f"), Encryption.off(), Map.of("a", bytes(9)));
    assertThat(contents(folder)).containsOnlyKeys("a");
    assertThat(read(folder, Encryption.off())).containsEntry("a", bytes(9));
    assertThat(read(folder, Encryption.with(keys("k1", 1)))).containsEntry("a", bytes(9));
  }

  @Test
  void whatIsEncryptedIsNotWrittenElsewhereAsItIs() {
    for (Encryption encryption : List.of(Encryption.off(), Encryption.with(keys("k1", 1)))) {
      assertThatThrownBy(
              () ->
                  write(
                      temporary.resolve("f" + encryption),
                      encryption,
                      Map.of("a.encrypted", bytes(9))))
          .isInstanceOf(EncryptionException.class)
          .hasMessageContaining("a.encrypted is encrypted for the place that it comes from");
    }
  }

  @Test
  void filesThatWereMovedAddedOrTakenAwayAreFound() throws IOException {
    Encryption encryption = Encryption.with(keys("k1", 1));
    Path folder =
        write(
            temporary.resolve("f"),
            encryption,
            Map.of("a", bytes(9), "b", bytes(9), "c", bytes(8)));
    Path a = folder.resolve("a.encrypted");
    Path b = folder.resolve("b.encrypted");
    Path aside = temporary.resolve("aside");
    assertThatThrownBy(
            () -> encryption.read(folder, "adapters/sql/v0004", EncryptionTest::contents))
        .hasMessageContaining("it lies in another's place");
    Files.move(a, aside);
    refused(folder, encryption, "the names of the files beside it were changed");
    Files.move(b, a);
    Files.move(aside, b);
    refused(folder, encryption, "a.encrypted", "another's place");
    Files.move(a, aside);
    Files.move(b, a);
    Files.move(aside, b);
    assertThat(read(folder, encryption)).hasSize(3);
    Files.write(folder.resolve("adapter_config.json"), bytes(3));
    refused(folder, encryption, "adapter_config.json is not encrypted, and those beside it are");
  }

  /** A folder with one encrypted file that comes back changed. */
  private static final class Hostile implements AutoCloseable {

    private final Encryption encryption = Encryption.with(keys("k1", 1));
    private final Path folder;
    private final Path file;
    final byte[] good;
    final int start; // of the chunks

    Hostile(int size) throws IOException {
      folder = Files.createTempDirectory("moa-hostile");
      write(folder, encryption, Map.of("a", bytes(size)));
      file = folder.resolve("a.encrypted");
      good = Files.readAllBytes(file);
      start = "MOA4JENC".length() + 2 + "k1".length() + 32 + 8;
    }

    void refuses(byte[] bad) throws IOException {
      Files.write(file, bad);
      assertThatThrownBy(() -> read(folder, encryption))
          .isInstanceOf(EncryptionException.class)
          .hasMessageContaining("a.encrypted");
    }

    @Override
    public void close() throws IOException {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  @Test
  void everyBitAndEveryLengthCounts() throws IOException {
    try (Hostile hostile = new Hostile(10)) {
      for (int bit = 0; bit < 8 * hostile.good.length; bit++) {
        byte[] bad = hostile.good.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        hostile.refuses(bad);
      }
      for (int length = 0; length < hostile.good.length; length++) {
        hostile.refuses(Arrays.copyOf(hostile.good, length));
      }
    }
  }

  @Property(tries = 60)
  void chunksThatWereChangedCutOffAddedOrMovedAreFound(
      @ForAll Random random, @ForAll @IntRange(max = 4) int kind) throws IOException {
    try (Hostile hostile = new Hostile(2 * EncryptedFile.CHUNK + 1000)) {
      byte[] bad = hostile.good.clone();
      int chunk = EncryptedFile.CHUNK + EncryptedFile.TAG;
      int place = random.nextInt(bad.length);
      switch (kind) {
        case 0 -> bad[place] ^= (byte) (1 + random.nextInt(255));
        case 1 -> bad = Arrays.copyOf(bad, place);
        case 2 -> bad = Arrays.copyOf(bad, bad.length + 1 + random.nextInt(20_000));
        case 3 -> { // the first and the second in turn
          System.arraycopy(hostile.good, hostile.start, bad, hostile.start + chunk, chunk);
          System.arraycopy(hostile.good, hostile.start + chunk, bad, hostile.start, chunk);
        }
        default -> // the last one is gone
            bad = Arrays.copyOf(bad, hostile.start + (1 + random.nextInt(2)) * chunk);
      }
      hostile.refuses(bad);
    }
  }

  @Test
  void keysComeFromAFile() throws IOException {
    Path file = temporary.resolve("keys.json");
    EncryptionKeys made = EncryptionKeys.generate("k1", file);
    Path folder = write(temporary.resolve("f"), Encryption.with(made), Map.of("a", bytes(9)));
    assertThat(read(folder, Encryption.with(EncryptionKeys.read(file)))).hasSize(1);
    assertThat(EncryptionKeys.read(file).toString()).isEqualTo("keys [k1], current k1");
    assertThatThrownBy(() -> EncryptionKeys.generate("k1", file))
        .isInstanceOf(EncryptionException.class);
    for (String bad :
        List.of(
            "{\"current\": \"k2\", \"keys\": {}}",
            "{\"current\": \"k1\", \"keys\": {\"k1\": \"c2hvcnQ=\"}}",
            "{\"current\": \"k1\", \"keys\": {\"k1\": \"secret words\"}}",
            "{\"current\": \"k 1\", \"keys\": {\"k 1\": \"c2hvcnQ=\"}}",
            "[]",
            "")) {
      Files.writeString(file, bad);
      assertThatThrownBy(() -> EncryptionKeys.read(file))
          .isInstanceOf(EncryptionException.class)
          .hasMessageNotContainingAny("secret words", "c2hvcnQ=");
    }
  }

  @Test
  void whatAKilledProcessLeftIsDeleted() throws IOException {
    Path left = Files.createDirectories(plain().resolve("moa-plain-999999999-x/adapters"));
    Path alive = Files.createDirectories(plain().resolve("moa-plain-1-x"));
    for (Path folder : List.of(left.getParent(), alive)) {
      Files.setLastModifiedTime(folder, FileTime.from(Instant.EPOCH));
    }
    write(
        temporary.resolve("f"),
        Encryption.with(keys("k1", 1)).plainFilesIn(plain()),
        Map.of("a", bytes(9)));
    assertThat(left).doesNotExist();
    assertThat(alive).exists();
  }
}
