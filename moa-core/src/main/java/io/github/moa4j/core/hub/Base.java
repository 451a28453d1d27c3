package io.github.moa4j.core.hub;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A base model on the Hugging Face hub. {@link #fetch()} brings what is needed of it into the cache
 * that Python's {@code huggingface_hub} uses too, and returns the folder to load it from:
 *
 * <pre>{@code
 * Path base = Base.of("Qwen/Qwen2.5-0.5B-Instruct").revision("7ae557604adf67be50417f59c2c2f167def9a775").fetch();
 * try (BaseModel model = BaseModel.load(base, WeightFormat.BF16)) { ... }
 * }</pre>
 *
 * <p>Weights are fetched as safetensors only, with the JSON, Jinja and tokenizer files beside them.
 * Every file is checked against the hash that the hub names. The environment is honoured as Python
 * does: {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code XDG_CACHE_HOME}, {@code HF_ENDPOINT}, {@code
 * HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code HF_HUB_OFFLINE}, {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}. The token is sent to the hub itself, never
 * to a host that it redirects to.
 *
 * <p>Immutable and thread-safe. Several threads and processes may fetch the same model at once.
 */
public final class Base {

  private static final Pattern REPOSITORY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,254}");
  private static final HubProgress SILENT = (file, bytes, size) -> {};

  private final String repository;
  private final String revision;
  private final HubEnvironment environment;
  private final HubProgress progress;
  private final Patience patience;

  private Base(
      String repository,
      String revision,
      HubEnvironment environment,
      HubProgress progress,
      Patience patience) {
    this.repository = repository;
    this.revision = revision;
    this.environment = environment;
    this.progress = progress;
    this.patience = patience;
  }

  /**
   * A model by the name of its repository, at its branch {@code main}. Nothing is fetched yet.
   *
   * @param repository such as {@code Qwen/Qwen2.5-0.5B-Instruct}
   * @throws IllegalArgumentException if that can be no name of a repository
   */
  public static Base of(String repository) {
    if (!REPOSITORY.matcher(repository).matches()
        || repository.contains("--")
        || repository.contains("..")) {
      throw new IllegalArgumentException(
          "A repository is named as in Qwen/Qwen2.5-0.5B-Instruct, not '%.200s'"
              .formatted(repository));
    }
    return new Base(repository, "main", HubEnvironment.of(System.getenv()), SILENT, Patience.USUAL);
  }

  /**
   * Returns this model at another revision. Only a commit's whole hash always means the same files;
   * one that is in the cache needs no connection.
   *
   * @param value a branch, a tag, or the 40 digits of a commit
   * @throws IllegalArgumentException if that can be no revision
   */
  public Base revision(String value) {
    if (!REVISION.matcher(value).matches()
        || value.contains("..")
        || value.contains("//")
        || value.endsWith("/")) {
      throw new IllegalArgumentException(
          "A revision is a branch, a tag or a commit, not '%.200s'".formatted(value));
    }
    return new Base(repository, value, environment, progress, patience);
  }

  /** Returns this model in another cache than the environment names. */
  public Base cache(Path folder) {
    return with(environment.withCache(folder));
  }

  /** Returns this model fetched with another token than the environment's. */
  public Base token(String value) {
    return with(environment.withToken(Optional.of(value)));
  }

  /** Returns this model from another server that speaks as the hub does, such as a mirror. */
  public Base endpoint(URI value) {
    return with(environment.withEndpoint(value));
  }

  /** Returns this model from the cache alone, or not, whatever the environment says. */
  public Base offline(boolean value) {
    return with(environment.withOffline(value));
  }

  /** Returns this model with somebody who is told how far its download is. */
  public Base progress(HubProgress value) {
    return new Base(
        repository, revision, environment, Objects.requireNonNull(value, "progress"), patience);
  }

  Base with(HubEnvironment other) {
    return new Base(repository, revision, other, progress, patience);
  }

  Base with(Patience other) {
    return new Base(repository, revision, environment, progress, other);
  }

  /**
   * Brings the model into the cache, as far as it is not there yet, and waits for it. A download
   * that was cut goes on where it was. Where the hub cannot be reached, what the cache has of the
   * revision is returned, with a warning in the log.
   *
   * @return the folder to load the base from; its name is the commit
   * @throws HubException if there is no such model or it is not open to the token, it has no
   *     safetensors, what comes is not what the hub says, the disk cannot be written, or the
   *     connection fails and the cache does not have the model; also if the thread is interrupted
   */
  public Path fetch() {
    HubCache cache = new HubCache(environment.cache(), repository);
    return new HubFetch(cache, environment, patience, progress).fetch(revision);
  }
}
