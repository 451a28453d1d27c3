package io.github.moa4j.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a mixture is served.
 *
 * @param host the address to listen on, such as {@code 127.0.0.1} or {@code 0.0.0.0}
 * @param port 0 for any that is free
 * @param baseName the name of the model that answers without an adapter
 * @param keys who may ask what; empty lets anybody who reaches the port ask everything
 * @param mostRequests how many are answered at a time, those included that wait for their turn in
 *     the batch; one more is refused
 * @param mostBodyBytes the size up to which a request's body is read
 * @param mostNewTokens the longest answer, in tokens; a request may ask for a shorter one
 * @param mostChoices answers that one request gets at most
 * @param temperature of requests that do not say theirs
 * @param timeLimit how long a request may take, waiting for its turn included
 * @param adapterFolder where adapters may be loaded from while the server runs; empty, adapters
 *     cannot be loaded, unloaded or reloaded by request
 */
public record ServerSettings(
    String host,
    int port,
    String baseName,
    Optional<ApiKeys> keys,
    int mostRequests,
    int mostBodyBytes,
    int mostNewTokens,
    int mostChoices,
    double temperature,
    Duration timeLimit,
    Optional<Path> adapterFolder) {

  /** Checks the components. */
  public ServerSettings {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(baseName, "baseName");
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(adapterFolder, "adapterFolder");
    require(port >= 0 && port < 1 << 16, "the port must be 0 to 65535", port);
    require(mostRequests >= 1, "mostRequests must be at least 1", mostRequests);
    require(mostBodyBytes >= 1, "mostBodyBytes must be at least 1", mostBodyBytes);
    require(mostNewTokens >= 1, "mostNewTokens must be at least 1", mostNewTokens);
    require(mostChoices >= 1, "mostChoices must be at least 1", mostChoices);
    require(temperature >= 0 && temperature <= 100, "temperature must be 0 to 100", temperature);
    require(
        !timeLimit.isZero() && !timeLimit.isNegative(), "timeLimit must be positive", timeLimit);
  }

  private static void require(boolean condition, String message, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(message + ": " + value);
    }
  }

  /**
   * Returns what fits a mixture on this machine for its user alone: port 8080 of the loopback
   * address, no keys, 256 requests at a time, bodies of 4 MiB, answers of 1,024 tokens, 8 choices,
   * greedy where a request says nothing, ten minutes a request, no changes by request.
   */
  public static ServerSettings defaults() {
    return new ServerSettings(
        "127.0.0.1",
        8080,
        "base",
        Optional.empty(),
        256,
        4 << 20,
        1024,
        8,
        0,
        Duration.ofMinutes(10),
        Optional.empty());
  }

  /** Returns these settings with another port. */
  public ServerSettings withPort(int value) {
    return new ServerSettings(
        host,
        value,
        baseName,
        keys,
        mostRequests,
        mostBodyBytes,
        mostNewTokens,
        mostChoices,
        temperature,
        timeLimit,
        adapterFolder);
  }

  /** Returns these settings with keys. */
  public ServerSettings withKeys(ApiKeys value) {
    return new ServerSettings(
        host,
        port,
        baseName,
        Optional.of(value),
        mostRequests,
        mostBodyBytes,
        mostNewTokens,
        mostChoices,
        temperature,
        timeLimit,
        adapterFolder);
  }

  /** Returns these settings with other numbers of requests and of bytes of a body. */
  public ServerSettings withMost(int requests, int bodyBytes) {
    return new ServerSettings(
        host,
        port,
        baseName,
        keys,
        requests,
        bodyBytes,
        mostNewTokens,
        mostChoices,
        temperature,
        timeLimit,
        adapterFolder);
  }

  /** Returns these settings with a folder that adapters may be loaded from. */
  public ServerSettings withAdapterFolder(Path value) {
    return new ServerSettings(
        host,
        port,
        baseName,
        keys,
        mostRequests,
        mostBodyBytes,
        mostNewTokens,
        mostChoices,
        temperature,
        timeLimit,
        Optional.of(value));
  }
}
