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
    return builder().build();
  }

  /** Returns a builder that starts at {@link #defaults}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds settings one by one. */
  public static final class Builder {

    private String host = "127.0.0.1";
    private int port = 8080;
    private String baseName = "base";
    private Optional<ApiKeys> keys = Optional.empty();
    private int mostRequests = 256;
    private int mostBodyBytes = 4 << 20;
    private int mostNewTokens = 1024;
    private int mostChoices = 8;
    private double temperature;
    private Duration timeLimit = Duration.ofMinutes(10);
    private Optional<Path> adapterFolder = Optional.empty();

    private Builder() {}

    /** Sets {@link ServerSettings#host()}. */
    public Builder host(String value) {
      host = value;
      return this;
    }

    /** Sets {@link ServerSettings#port()}. */
    public Builder port(int value) {
      port = value;
      return this;
    }

    /** Sets {@link ServerSettings#baseName()}. */
    public Builder baseName(String value) {
      baseName = value;
      return this;
    }

    /** Sets {@link ServerSettings#keys()}. */
    public Builder keys(ApiKeys value) {
      keys = Optional.of(value);
      return this;
    }

    /** Sets {@link ServerSettings#mostRequests()}. */
    public Builder mostRequests(int value) {
      mostRequests = value;
      return this;
    }

    /** Sets {@link ServerSettings#mostBodyBytes()}. */
    public Builder mostBodyBytes(int value) {
      mostBodyBytes = value;
      return this;
    }

    /** Sets {@link ServerSettings#mostNewTokens()}. */
    public Builder mostNewTokens(int value) {
      mostNewTokens = value;
      return this;
    }

    /** Sets {@link ServerSettings#mostChoices()}. */
    public Builder mostChoices(int value) {
      mostChoices = value;
      return this;
    }

    /** Sets {@link ServerSettings#temperature()}. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Sets {@link ServerSettings#timeLimit()}. */
    public Builder timeLimit(Duration value) {
      timeLimit = value;
      return this;
    }

    /** Sets {@link ServerSettings#adapterFolder()}. */
    public Builder adapterFolder(Path value) {
      adapterFolder = Optional.of(value);
      return this;
    }

    /** Returns the settings. */
    public ServerSettings build() {
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
          adapterFolder);
    }
  }
}
