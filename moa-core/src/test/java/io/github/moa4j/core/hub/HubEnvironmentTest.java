package io.github.moa4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HubEnvironmentTest {

  private static final Path USER = Path.of(System.getProperty("user.home"));

  @TempDir private Path folder;

  @Test
  void findsTheCacheAsPythonDoes() {
    assertThat(HubEnvironment.of(Map.of()).cache())
        .isEqualTo(USER.resolve(".cache/huggingface/hub"));
    assertThat(HubEnvironment.of(Map.of("XDG_CACHE_HOME", "/x")).cache())
        .isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(HubEnvironment.of(Map.of("HF_HOME", "~/h", "XDG_CACHE_HOME", "/x")).cache())
        .isEqualTo(USER.resolve("h/hub"));
    assertThat(HubEnvironment.of(Map.of("HF_HUB_CACHE", "/c", "HF_HOME", "/h")).cache())
        .isEqualTo(Path.of("/c"));
  }

  @Test
  void findsTheTokenAsPythonDoes() throws IOException {
    Path stored = Files.writeString(folder.resolve("token"), " stored\n");

    assertThat(HubEnvironment.of(Map.of("HF_HOME", folder.toString())).token()).contains("stored");
    assertThat(HubEnvironment.of(Map.of("HF_TOKEN", "given", "HF_HOME", folder.toString())).token())
        .contains("given");
    assertThat(HubEnvironment.of(Map.of("HF_TOKEN_PATH", stored.toString())).token())
        .contains("stored");
    assertThat(
            HubEnvironment.of(Map.of("HF_TOKEN", "given", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
                .token())
        .isEmpty();
    assertThat(HubEnvironment.of(Map.of("HF_TOKEN", "given")).toString()).doesNotContain("given");
  }

  @Test
  void readsEndpointAndOffline() {
    assertThat(HubEnvironment.of(Map.of()).endpoint())
        .isEqualTo(URI.create("https://huggingface.co"));
    assertThat(HubEnvironment.of(Map.of("HF_ENDPOINT", "https://mirror.example/hf/")).endpoint())
        .isEqualTo(URI.create("https://mirror.example/hf"));
    assertThat(HubEnvironment.of(Map.of("HF_HUB_OFFLINE", "TRUE")).offline()).isTrue();
    assertThat(HubEnvironment.of(Map.of("HF_HUB_OFFLINE", "0")).offline()).isFalse();
    assertThatThrownBy(() -> HubEnvironment.of(Map.of("HF_ENDPOINT", "mirror.example")))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("HF_ENDPOINT");
  }

  @Test
  void goesByTheProxiesOfTheEnvironment() {
    var proxies =
        HubEnvironment.of(
                Map.of(
                    "https_proxy", "http://proxy.example:3128",
                    "NO_PROXY", "localhost, .inside.example"))
            .proxies();

    assertThat(proxies.select(URI.create("https://huggingface.co/x")).get(0).toString())
        .contains("proxy.example", "3128");
    assertThat(proxies.select(URI.create("https://hub.inside.example/x")))
        .containsExactly(Proxy.NO_PROXY);
    assertThat(proxies.select(URI.create("http://huggingface.co/x")))
        .containsExactly(Proxy.NO_PROXY);
    assertThatThrownBy(
            () -> HubEnvironment.of(Map.of("HTTPS_PROXY", "http://me:password@proxy.example")))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .message()
        .doesNotContain("password@");
  }
}
