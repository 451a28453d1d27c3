package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.encryption.EncryptionException;
import io.github.moa4j.core.encryption.EncryptionKeys;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncryptedMixtureTest {

  private static final Encryption ENCRYPTION =
      Encryption.with(EncryptionKeys.of("k1", new SecretKeySpec(new byte[32], "HmacSHA256")));

  @TempDir private Path files;
  private MixtureDirectory plain;

  @BeforeEach
  void write() {
    plain = TestMixture.in(files).directory;
  }

  private MixtureBuilder builder() {
    return MixtureOfLoras.builder(plain.directory());
  }

  private static Question question(String domain) {
    return Question.of(TestMixture.prompt(domain, 30)).with(GenerationOptions.greedy(4));
  }

  /** Whether any file of the mixture holds the names that are in every adapter and router. */
  private boolean isReadable() {
    try (Stream<Path> all = Files.walk(plain.directory())) {
      return all.filter(Files::isRegularFile)
          .map(EncryptedMixtureTest::text)
          .anyMatch(text -> text.contains("lora_A") || text.contains("states.0.weight"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void encrypt(MixtureDirectory writing) {
    writing.commit(MixtureChange::rewriteAll);
    writing.commit(MixtureChange::forgetKept);
    writing.removeRetired();
  }

  @Test
  void answersAsThePlainOneAndHoldsNothingReadable() {
    Answer before;
    try (MixtureOfLoras mixture = builder().open()) {
      before = mixture.generate(question("colours"));
    }
    assertThat(isReadable()).isTrue();
    encrypt(plain.encrypted(ENCRYPTION));
    assertThat(isReadable()).isFalse();
    try (MixtureOfLoras mixture = builder().encryption(ENCRYPTION).open()) {
      Answer after = mixture.generate(question("colours"));
      assertThat(after.text()).isEqualTo(before.text());
      assertThat(after.decision()).isEqualTo(before.decision());
      assertThat(mixture.domain("colours").versions())
          .extracting(AdapterVersion::damage)
          .allMatch(damage -> damage.isEmpty());
    }
  }

  @Test
  void whoHasNoKeyIsRefusedByName() {
    MixtureDirectory writing = plain.encrypted(ENCRYPTION);
    Path old = plain.adapterDirectory("colours");
    writing.replaceDomain("colours", folder -> copy(old, folder));
    try (MixtureOfLoras mixture = builder().open()) { // one encrypted domain takes no other down
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colours")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContainingAll("adapters/colours/v0002", ".encrypted", "'k1'");
      assertThat(mixture.generate(question("numbers").inDomain("numbers")).adapters())
          .containsOnlyKeys("numbers");
    }
    encrypt(writing);
    assertThatThrownBy(() -> builder().open())
        .isInstanceOf(EncryptionException.class)
        .hasMessageContainingAll("router", "'k1'", "no keys were given");
    assertThat(plain.versions("colours").get(0).damage()).isEmpty(); // it has no provenance
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.list(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void signaturesAreOverWhatLiesThereAndNeedNoKeyToBeChecked() throws IOException {
    SigningKey signer =
        SigningKey.generate(
            KeyAlgorithm.ECDSA_P256, files.resolve("key.pem"), files.resolve("key.pub.pem"));
    SignaturePolicy require = SignaturePolicy.require(List.of(signer.publicKey()));
    encrypt(plain.signing(signer).encrypted(ENCRYPTION));
    String place = "adapters/colours/v0002";
    Path folder = plain.directory().resolve(place);
    String checked = require.read(folder, place, whole -> "signed");
    assertThat(checked).isEqualTo("signed");
    try (MixtureOfLoras mixture = builder().signatures(require).encryption(ENCRYPTION).open()) {
      assertThat(mixture.generate(question("colours")).adapters()).isNotEmpty();
    }
    Path weights = folder.resolve("adapter_model.safetensors.encrypted");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    try (MixtureOfLoras mixture = builder().signatures(require).encryption(ENCRYPTION).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colours")))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("is not what was signed"); // and nothing was decrypted
    }
    try (MixtureOfLoras mixture = builder().encryption(ENCRYPTION).open()) {
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colours")))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("cannot be decrypted");
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }
}
