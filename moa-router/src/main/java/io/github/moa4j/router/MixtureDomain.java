package io.github.moa4j.router;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.router.routing.internal.Trial;
import io.github.moa4j.router.routing.internal.Trials;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One domain of a mixture: the versions of its adapter, and which of them answers.
 *
 * <pre>{@code
 * mixture.domain("sql").versions().forEach(System.out::println);
 * mixture.domain("sql").activate(3);
 * mixture.domain("sql").rollBack();
 * mixture.domain("sql").tryOut(2, 0.1);   // for every tenth caller
 * }</pre>
 *
 * <p>Activating is one commit to the mixture directory: it survives a crash, other processes take
 * it over at their next {@link MixtureOfLoras#refresh}, and running answers keep what they began
 * with. The router stays as it is, since it knows the domain's prompts and not its adapters; if the
 * prompts of the versions differ, train it again. A trial concerns this mixture in this process
 * alone and ends with it. Thread-safe.
 */
public final class MixtureDomain {

  private static final Logger logger = LoggerFactory.getLogger(MixtureDomain.class);

  private final String name;
  private final MixtureOfLoras mixture;
  private final Trials trials;

  MixtureDomain(String name, MixtureOfLoras mixture, Trials trials) {
    this.name = name;
    this.mixture = mixture;
    this.trials = trials;
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /**
   * Returns the version that answers now.
   *
   * @throws AdapterException if the domain is no more
   */
  public int version() {
    return registry().version(name);
  }

  /**
   * Lists what the mixture directory has: the active version and those that are kept, with where
   * they come from and their measures. How many are kept says {@link
   * MixtureDirectory#keepVersions}.
   *
   * @return the highest number first
   * @throws AdapterException if the domain is no more
   */
  public List<AdapterVersion> versions() {
    return mixture.directory().versions(name);
  }

  /**
   * Lets a version answer from now on that is kept. It is loaded first, so that one that cannot be
   * used changes nothing. A trial of it ends.
   *
   * @throws AdapterException if the version is not kept or cannot be used
   * @throws MixtureException if the commit fails
   * @throws MixtureClosedException if the mixture is closed
   */
  public void activate(int version) {
    registry().acquire(name, version).close();
    mixture.directory().activate(name, version);
    trials.end(name, version);
    try {
      mixture.refresh();
    } catch (AdapterException e) {
      if (version() != version) {
        throw e;
      }
      logger.warn("Version {} of domain '{}' is active; but: {}", version, name, e.getMessage());
    }
  }

  /**
   * Activates the version that was active before.
   *
   * @return its number
   * @throws AdapterException if none is kept, or it cannot be used
   * @throws MixtureException if the commit fails
   */
  public int rollBack() {
    int version =
        mixture
            .directory()
            .previousVersion(name)
            .orElseThrow(
                () ->
                    new AdapterException(
                        "Domain '" + name + "' has no version to roll back to: none is kept."));
    activate(version);
    return version;
  }

  /**
   * Lets a version that is kept answer a share of the domain's questions, in place of an earlier
   * trial. {@link Answer#versions} tells which one answered. If it cannot be used later, the active
   * one answers, and the log says so.
   *
   * @param share of the callers ({@link Question#as}), and of the questions without one; from 0 to
   *     1
   * @throws AdapterException if the version is not kept or cannot be used
   */
  public void tryOut(int version, double share) {
    Trial trial = new Trial(name, version, share);
    registry().acquire(name, version).close();
    trials.begin(name, trial);
  }

  /** Returns the version on trial. */
  public Optional<Integer> onTrial() {
    return trials.of(name).map(Trial::version);
  }

  /** Ends the trial, if there is one; the active version answers everybody. */
  public void endTrial() {
    trials.end(name);
  }

  private AdapterRegistry registry() {
    return mixture.registry();
  }
}
