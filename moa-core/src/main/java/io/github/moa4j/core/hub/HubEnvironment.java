package io.github.moa4j.core.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the environment says about the hub, by the variables of Python's library.
 *
 * @param cache the folder of all repositories
 * @param endpoint the server, without a slash at its end
 * @param token proves who asks; empty if nobody in particular does
 * @param offline whether nothing may be fetched
 * @param proxies the way to a server
 */
record HubEnvironment(
    Path cache, URI endpoint, Optional<String> token, boolean offline, ProxySelector proxies) {

  private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

  HubEnvironment {
    Objects.requireNonNull(cache, "cache");
    String scheme = String.valueOf(endpoint.getScheme());
    if (!(scheme.equals("https") || scheme.equals("http")) || endpoint.getHost() == null) {
      throw new HubException(
          "The hub's address must begin with https:// or http://, not '%.200s'; see HF_ENDPOINT."
              .formatted(endpoint));
    }
    if (endpoint.getRawUserInfo() != null) {
      throw new HubException("The hub's address must not hold a password; give a token instead.");
    }
  }

  static HubEnvironment of(Map<String, String> variables) {
    Path user = Path.of(System.getProperty("user.home"));
    Path home =
        path(variables, "HF_HOME", user)
            .orElseGet(
                () ->
                    path(variables, "XDG_CACHE_HOME", user)
                        .orElse(user.resolve(".cache"))
                        .resolve("huggingface"));
    Path cache =
        path(variables, "HF_HUB_CACHE", user)
            .or(() -> path(variables, "HUGGINGFACE_HUB_CACHE", user))
            .orElse(home.resolve("hub"));
    return new HubEnvironment(
        cache,
        endpoint(variables),
        token(variables, home, user),
        isTrue(variables, "HF_HUB_OFFLINE") || isTrue(variables, "TRANSFORMERS_OFFLINE"),
        EnvironmentProxies.of(variables));
  }

  private static URI endpoint(Map<String, String> variables) {
    String text = value(variables, "HF_ENDPOINT").orElse("https://huggingface.co");
    try {
      return URI.create(text.replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw new HubException("HF_ENDPOINT is no address: '%.200s'.".formatted(text), e);
    }
  }

  private static Optional<String> token(Map<String, String> variables, Path home, Path user) {
    if (isTrue(variables, "HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    Path stored = path(variables, "HF_TOKEN_PATH", user).orElse(home.resolve("token"));
    return value(variables, "HF_TOKEN")
        .or(() -> value(variables, "HUGGING_FACE_HUB_TOKEN"))
        .or(() -> read(stored));
  }

  private static Optional<String> read(Path file) {
    try {
      return Files.isRegularFile(file)
          ? Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw new HubException(
          "Cannot read the hub's token from " + file + "; see HF_TOKEN and HF_TOKEN_PATH.", e);
    }
  }

  private static Optional<Path> path(Map<String, String> variables, String name, Path user) {
    return value(variables, name)
        .map(text -> text.startsWith("~/") ? user.resolve(text.substring(2)) : Path.of(text));
  }

  private static Optional<String> value(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static boolean isTrue(Map<String, String> variables, String name) {
    return value(variables, name).map(t -> TRUE.contains(t.toLowerCase(Locale.ROOT))).orElse(false);
  }

  HubEnvironment withCache(Path value) {
    return new HubEnvironment(value, endpoint, token, offline, proxies);
  }

  HubEnvironment withToken(Optional<String> value) {
    return new HubEnvironment(cache, endpoint, value, offline, proxies);
  }

  HubEnvironment withEndpoint(URI value) {
    URI plain = URI.create(value.toString().replaceAll("/+$", ""));
    return new HubEnvironment(cache, plain, token, offline, proxies);
  }

  HubEnvironment withOffline(boolean value) {
    return new HubEnvironment(cache, endpoint, token, value, proxies);
  }

  /** Without the token, which must not stand in a log. */
  @Override
  public String toString() {
    return "HubEnvironment[cache=%s, endpoint=%s, offline=%s]".formatted(cache, endpoint, offline);
  }
}
