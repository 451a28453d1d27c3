package io.github.moa4j.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FolderSignatureTest {

  @TempDir private Path files;
  private Path folder;

  @BeforeEach
  void fill() throws IOException {
    folder = Files.createDirectories(files.resolve("sql"));
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    Files.write(folder.resolve("adapter_model.safetensors"), new byte[100_000]);
    Files.createDirectories(folder.resolve("more"));
    Files.writeString(folder.resolve("more/notes.txt"), "ä");
  }

  private static Path resource(String name) {
    try {
      return Path.of(FolderSignatureTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SigningKey key(String name) {
    return SigningKey.read(resource(name + ".pem"), resource(name + ".pub.pem"));
  }

  private static List<VerificationKey> trusted(String name) {
    return VerificationKey.read(resource(name + ".pub.pem"));
  }

  @Test
  void acceptsWhatTheReferenceImplementationSigned() throws IOException {
    List<VerificationKey> signer = VerificationKey.read(resource("others-key.pem"));
    FolderSignature found = FolderSignature.verify(resource("others"), signer);
    assertThat(found.name()).isEqualTo("v1.1.0-elliptic-key");
    assertThat(found.files()).containsOnlyKeys("signme-1", "signme-2");
    assertThat(found.signer().algorithm()).isEqualTo(KeyAlgorithm.ECDSA_P384);
    assertThat(Files.readString(resource("others/model.sig"))).contains(found.signer().id());

    String text =
        FolderSignature.read(resource("others"), signer, copy -> text(copy.resolve("signme-1")));
    assertThat(text).isEqualTo("signme-1\n");
  }

  @Test
  void writesTheFieldsThatTheSpecificationNames() throws IOException {
    FolderSignature.sign(folder, "sql 3", key("p256"));
    String bundle = Files.readString(folder.resolve("model.sig"));
    assertThat(bundle)
        .startsWith(
            "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
                + "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"")
        .contains("\"payloadType\":\"application/vnd.in-toto+json\"", "\"keyid\":\"\"");
    String payload = bundle.replaceAll(".*\"payload\":\"([^\"]+)\".*", "$1");
    assertThat(new String(Base64.getDecoder().decode(payload), StandardCharsets.UTF_8))
        .startsWith(
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"sql 3\"")
        .contains(
            "\"predicateType\":\"https://model_signing/signature/v1.0\"",
            "\"serialization\":{\"method\":\"files\",\"hash_type\":\"sha256\","
                + "\"allow_symlinks\":false,\"ignore_paths\":[\"model.sig\"]}",
            "{\"name\":\"more/notes.txt\",\"algorithm\":\"sha256\",\"digest\":\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "p256"})
  void keysOfOpenSslSignAndVerify(String name) {
    FolderSignature.sign(folder, "sql", key(name));
    FolderSignature found = FolderSignature.verify(folder, trusted(name));
    assertThat(found.files())
        .containsOnlyKeys("adapter_config.json", "adapter_model.safetensors", "more/notes.txt");
    assertThat(found.signer()).isEqualTo(key(name).publicKey());
  }

  @ParameterizedTest
  @EnumSource(KeyAlgorithm.class)
  void newKeysAreReadAgainAndBelongToTheirOwner(KeyAlgorithm algorithm) throws IOException {
    Path secret = files.resolve("secret.pem");
    Path open = files.resolve("open.pem");
    SigningKey made = SigningKey.generate(algorithm, secret, open);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> SigningKey.generate(algorithm, secret, files.resolve("other.pem")))
        .hasMessageContaining("never overwritten");
    FolderSignature.sign(folder, "sql", SigningKey.read(secret, open));
    assertThat(FolderSignature.verify(folder, VerificationKey.read(open)).signer())
        .isEqualTo(made.publicKey());
    assertThat(made.toString()).isEqualTo(algorithm + " " + made.publicKey().id());
  }

  @Test
  void onlyTrustedKeysCount() {
    FolderSignature.sign(folder, "sql", key("p256"));
    assertThatThrownBy(() -> FolderSignature.verify(folder, trusted("ed25519")))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining("none of the 1 trusted keys");
    List<VerificationKey> both = List.of(trusted("ed25519").get(0), trusted("p256").get(0));
    assertThat(FolderSignature.verify(folder, both).signer()).isEqualTo(both.get(1));
    assertThatThrownBy(() -> SignaturePolicy.require(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void findsWhatWasChangedAddedRemovedOrSwapped() throws IOException {
    FolderSignature.sign(folder, "sql", key("p256"));
    Path weights = folder.resolve("adapter_model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    byte[] bent = whole.clone();
    bent[77_777] ^= 1;
    Files.write(weights, bent);
    refused("adapter_model.safetensors is not what was signed");
    Files.delete(weights);
    refused("adapter_model.safetensors was signed and is missing");
    Files.createSymbolicLink(weights, Files.write(files.resolve("elsewhere"), whole));
    refused("is a link");
    Files.delete(weights);
    Files.write(weights, whole);
    FolderSignature.verify(folder, trusted("p256"));
    Files.writeString(folder.resolve("more/provenance.json"), "{}");
    refused("provenance.json was added");
    Files.delete(folder.resolve("more/provenance.json"));
    Path other = folder.resolve("more/notes.txt");
    Files.copy(folder.resolve("adapter_config.json"), files.resolve("kept"));
    Files.writeString(folder.resolve("adapter_config.json"), "ä");
    Files.writeString(other, "{}");
    refused("is not what was signed");
  }

  private void refused(String why) {
    assertThatThrownBy(() -> FolderSignature.verify(folder, trusted("p256")))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatIsReadCannotBeChangedMeanwhile() {
    FolderSignature.sign(folder, "sql", key("p256"));
    AtomicReference<Path> seen = new AtomicReference<>();
    String config =
        SignaturePolicy.require(trusted("p256"))
            .read(
                folder,
                "adapters/sql/v0001",
                copy -> {
                  seen.set(copy);
                  assertThat(copy.resolve("model.sig")).doesNotExist();
                  write(folder.resolve("adapter_config.json"), "{\"evil\":1}");
                  return text(copy.resolve("adapter_config.json"));
                });
    assertThat(config).isEqualTo("{}");
    assertThat(seen.get()).hasFileName("sql");
    assertThat(seen.get().getParent()).doesNotExist();
  }

  @Test
  void thePolicyDecides() {
    assertThat(from(SignaturePolicy.off())).isEqualTo(folder);
    SignaturePolicy warn = SignaturePolicy.warn(trusted("p256"));
    assertThat(from(warn)).isEqualTo(folder);
    SignaturePolicy require = SignaturePolicy.require(trusted("p256"));
    for (SignaturePolicy strict : List.of(require, SignaturePolicy.inspect(trusted("p256")))) {
      assertThatThrownBy(() -> from(strict))
          .isInstanceOf(SigningException.class)
          .hasMessageContaining("There is no signature");
    }
    FolderSignature.sign(folder, "sql", key("p256"));
    assertThat(from(warn)).isNotEqualTo(folder);
    assertThat(from(SignaturePolicy.inspect(trusted("p256")))).isEqualTo(folder);
  }

  @Test
  void whoSwapsTwoSignedFoldersIsFound() {
    SignaturePolicy require = SignaturePolicy.require(trusted("p256"));
    FolderSignature.sign(folder, "adapters/sql/v0002", key("p256"));
    assertThatThrownBy(() -> from(require))
        .isInstanceOf(SigningException.class)
        .hasMessageContainingAll("adapters/sql/v0002", "expected adapters/sql/v0001");
    FolderSignature.sign(folder, "adapters/sql/v0001", key("p256"));
    assertThat(from(require)).doesNotExist();
  }

  private Path from(SignaturePolicy policy) {
    return policy.read(folder, "adapters/sql/v0001", copy -> copy);
  }

  @ParameterizedTest
  @CsvSource({
    "sec1.pem, p256.pub.pem, openssl pkcs8 -topk8 -nocrypt",
    "p256.pem, ed25519.pub.pem, not one pair",
    "p256.pem, others-key.pem, not one pair",
    "p256.pem, rsa.pub.pem, unknown kind",
    "p256.pem, p256.pem, holds no public key",
    "README.md, p256.pub.pem, no key in PEM form",
    "none.pem, p256.pub.pem, There is no file",
  })
  void saysWhatIsWrongWithKeys(String secret, String open, String why) {
    assertThatThrownBy(
            () -> SigningKey.read(resource(".").resolve(secret), resource(".").resolve(open)))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}",
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{"
            + "\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"*\"}}",
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{"
            + "\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"e30=\","
            + "\"signatures\":[]}}",
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{"
            + "\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"e30=\","
            + "\"signatures\":[{\"sig\":\"AAAA\"}]}}",
      })
  void refusesDamagedSignatures(String bundle) throws IOException {
    Files.writeString(folder.resolve("model.sig"), bundle);
    assertThatThrownBy(() -> FolderSignature.verify(folder, trusted("p256")))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining("model.sig");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "/etc/passwd", "a/../../x", "a//b", "", ".", "c:x", "a\\..\\x"})
  void aSignedNameNeverLeavesTheFolder(String name) {
    String digest = "0".repeat(64);
    String payload =
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"x\",\"digest\":"
            + "{\"sha256\":\"66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925\"}}],"
            + "\"predicateType\":\"https://model_signing/signature/v1.0\",\"predicate\":{"
            + "\"serialization\":{\"method\":\"files\",\"hash_type\":\"sha256\"},\"resources\":["
            + "{\"name\":\""
            + name.replace("\\", "\\\\")
            + "\",\"algorithm\":\"sha256\",\"digest\":\""
            + digest
            + "\"}]}}";
    SignatureBundle.of(payload.getBytes(StandardCharsets.UTF_8), key("p256"))
        .write(folder.resolve("model.sig"), key("p256").publicKey());
    refused("the path of a file in the folder");
  }

  @Test
  void aSignatureDoesNotCoverAnotherPayload() throws IOException {
    FolderSignature.sign(folder, "sql", key("ed25519"));
    String bundle = Files.readString(folder.resolve("model.sig"));
    String payload = bundle.replaceAll(".*\"payload\":\"([^\"]+)\".*", "$1");
    byte[] bytes = Base64.getDecoder().decode(payload);
    for (int at = 0; at < bytes.length; at += 41) {
      byte[] bent = bytes.clone();
      bent[at] ^= 1;
      Files.writeString(
          folder.resolve("model.sig"),
          bundle.replace(payload, Base64.getEncoder().encodeToString(bent)));
      assertThatThrownBy(() -> FolderSignature.verify(folder, trusted("ed25519")))
          .isInstanceOf(SigningException.class);
    }
  }

  @Test
  void aSignatureIsReplacedWhole() throws IOException {
    FolderSignature.sign(folder, "sql", key("ed25519"));
    Files.writeString(folder.resolve("more/notes.txt"), "new");
    FolderSignature.sign(folder, "sql", key("p256"));
    assertThat(FolderSignature.verify(folder, trusted("p256")).files()).hasSize(3);
    assertThat(Files.exists(folder.resolve("model.sig"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
