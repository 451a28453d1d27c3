package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.signing.KeyAlgorithm;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningException;
import io.github.moa4j.core.signing.SigningKey;
import io.github.moa4j.core.store.MixtureDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SignedMixtureTest {

  @TempDir private Path files;
  private MixtureDirectory directory;
  private SigningKey key;
  private MixtureDirectory signing;
  private SignaturePolicy require;

  @BeforeEach
  void createUnsigned() {
    directory = TestMixture.in(files.resolve("mixture")).directory;
    key =
        SigningKey.generate(
            KeyAlgorithm.ED25519, files.resolve("key.pem"), files.resolve("key.pub.pem"));
    signing = directory.signing(key);
    require = SignaturePolicy.require(List.of(key.publicKey()));
  }

  private void sign(String domain) {
    Path old = directory.adapterDirectory(domain);
    signing.replaceDomain(domain, folder -> copy(old, folder));
  }

  private void signRouter() {
    Path old = directory.state().routerDirectory().orElseThrow();
    signing.setRouter(folder -> copy(old, folder));
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.skip(1).toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MixtureOfLoras open(SignaturePolicy policy) {
    return MixtureOfLoras.builder(directory.directory()).signatures(policy).open();
  }

  private static Question question(String domain) {
    return Question.of(TestMixture.prompt(domain, 30)).with(GenerationOptions.greedy(4));
  }

  @Test
  void onlySignedDomainsAnswer() {
    signRouter();
    sign("colours");
    Answer plain;
    try (MixtureOfLoras mixture = open(SignaturePolicy.off())) {
      plain = mixture.generate(question("colours"));
    }
    try (MixtureOfLoras mixture = open(require)) {
      assertThat(mixture.generate(question("colours")).text()).isEqualTo(plain.text());
      assertThatThrownBy(() -> mixture.generate(question("numbers").inDomain("numbers")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContainingAll("numbers", "There is no signature");
      sign("numbers");
      mixture.refresh();
      assertThat(mixture.generate(question("numbers").inDomain("numbers")).adapters())
          .containsOnlyKeys("numbers");
    }
  }

  @Test
  void anUnsignedRouterIsRefused() {
    sign("colours");
    sign("numbers");
    assertThatThrownBy(() -> open(require))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining("router");
    try (MixtureOfLoras mixture = open(SignaturePolicy.warn(List.of(key.publicKey())))) {
      assertThat(mixture.generate(question("colours")).text()).isNotNull();
    }
  }

  @Test
  void aDomainInTheFolderOfAnotherIsRefused() throws IOException {
    signRouter();
    sign("colours");
    sign("numbers");
    Path colours = directory.adapterDirectory("colours");
    Path numbers = directory.adapterDirectory("numbers");
    Path aside = files.resolve("aside");
    Files.move(colours, aside);
    Files.move(numbers, colours);
    Files.move(aside, numbers);
    try (MixtureOfLoras mixture = open(require)) {
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colours")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("was signed as adapters/numbers/v0002");
    }
  }

  @Test
  void nothingOfAChangedAdapterReachesTheEngine() throws IOException {
    signRouter();
    sign("colours");
    Path weights = directory.adapterDirectory("colours").resolve("adapter_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    try (MixtureOfLoras mixture = open(require)) {
      assertThatThrownBy(() -> mixture.generate(question("colours").inDomain("colours")))
          .isInstanceOf(AdapterException.class)
          .hasMessageContaining("is not what was signed");
      assertThat(mixture.registry().residentBytes()).isZero();
    }
  }
}
