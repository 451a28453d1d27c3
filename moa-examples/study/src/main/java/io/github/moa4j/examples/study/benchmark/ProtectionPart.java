package io.github.moa4j.examples.study.benchmark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionKeys;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.PrivateFiles;
import io.github.moa4j.core.signing.FolderSignature;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.signing.VerificationKey;
import io.github.moa4j.examples.study.measurement.MarkdownTable;
import io.github.moa4j.examples.study.measurement.Turns;
import io.github.moa4j.examples.study.process.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/** What signatures and encryption add to the reading of an adapter. */
final class ProtectionPart {

  private static final int BYTES = 35_000_000; // rank 8 on all maps of a base of 0.5 B, f32
  private static final String FILE = "adapter_model.safetensors";
  private static final String PLACE = "adapters/sql/v0001";
  private static final int WARM_UP = 10;

  private ProtectionPart() {}

  /** Measures and prints. */
  static void measure(Setting setting) {
    MarkdownTable table =
        new MarkdownTable(
            setting.out(),
            "An adapter of 35 MB (ms)",
            "as it is",
            "signature checked",
            "read signed",
            "read encrypted",
            "read signed and encrypted");
    try (TemporaryFolder temporary = TemporaryFolder.create("protection")) {
      table.row(row(temporary.path(), setting.runs()));
    } catch (IOException e) {
      throw new MoaException("Cannot write the adapter: " + Failure.reason(e) + ".", e);
    }
  }

  private static Object[] row(Path folder, int runs) throws IOException {
    SigningKey key =
        SigningKey.generate(
            KeyAlgorithm.ED25519, folder.resolve("private.pem"), folder.resolve("public.pem"));
    List<VerificationKey> trusted = List.of(key.publicKey());
    EncryptionKeys keys = EncryptionKeys.generate("benchmark", folder.resolve("keys.json"));
    Encryption encryption = Encryption.with(keys);
    Path plain = Files.createDirectory(folder.resolve("plain"));
    Path encrypted = Files.createDirectory(folder.resolve("encrypted"));
    writeAdapter(plain);
    encryption.write(encrypted, PLACE, ProtectionPart::writeAdapter);
    FolderSignature.sign(plain, PLACE, key);
    FolderSignature.sign(encrypted, PLACE, key);
    Turns turns =
        new Turns()
            .with("plain", warm(() -> bytes(plain)))
            .with("checked", warm(() -> FolderSignature.verify(plain, trusted).files().size()))
            .with("signed", warm(() -> FolderSignature.read(plain, trusted, ProtectionPart::bytes)))
            .with("encrypted", warm(() -> encryption.read(encrypted, PLACE, ProtectionPart::bytes)))
            .with(
                "both",
                warm(
                    () ->
                        FolderSignature.read(
                            encrypted,
                            trusted,
                            copy -> encryption.read(copy, PLACE, ProtectionPart::bytes))));
    Map<String, Double> medians = turns.medians(runs);
    return medians.values().toArray();
  }

  private static DoubleSupplier warm(IntSupplier reading) {
    for (int i = 0; i < WARM_UP; i++) {
      milliseconds(reading);
    }
    return () -> milliseconds(reading);
  }

  private static double milliseconds(IntSupplier reading) {
    long start = System.nanoTime();
    if (reading.getAsInt() == 0) {
      throw new IllegalStateException("Nothing was read.");
    }
    return (System.nanoTime() - start) * 1e-6;
  }

  private static int writeAdapter(Path folder) {
    byte[] weights = new byte[BYTES];
    new Random(1).nextBytes(weights);
    PrivateFiles.write(folder.resolve(FILE), weights, MoaException::new);
    return BYTES;
  }

  private static int bytes(Path folder) {
    try {
      return Files.readAllBytes(folder.resolve(FILE)).length;
    } catch (IOException e) {
      throw new MoaException("Cannot read " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }
}
