package io.github.moa4j.training.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.List;

/** A domain known by its statistics: draws from its moments stand in for its prompts. */
final class RememberedRows implements DomainRows {

  private final DomainStatistics statistics;
  private final LayerwiseRouterSettings settings;

  RememberedRows(DomainStatistics statistics, LayerwiseRouterSettings settings) {
    Pooling pooling = settings.pooling().orElse(statistics.pooling());
    if (statistics.pooling() != pooling) {
      throw new RouterException(
          "The statistics of domain '"
              + statistics.domain()
              + "' hold "
              + statistics.pooling()
              + "-pooled states, but the router shall read "
              + pooling
              + ". Use the pooling of the statistics.");
    }
    this.statistics = statistics;
    this.settings = settings;
  }

  @Override
  public String domain() {
    return statistics.domain();
  }

  @Override
  public Pooling pooling() {
    return statistics.pooling();
  }

  @Override
  public int width() {
    return statistics.width();
  }

  @Override
  public List<Integer> states() {
    return statistics.states();
  }

  @Override
  public float[][] rows(int state) {
    long seed = 31 * (31 * settings.seed() + state) + statistics.domain().hashCode();
    return statistics.sample(statistics.states().indexOf(state), settings.replaySamples(), seed);
  }

  @Override
  public DomainStatistics statistics(int state) {
    return statistics.onlyState(state);
  }

  @Override
  public float[][] heldOut(int state) {
    return statistics.heldOut(statistics.states().indexOf(state));
  }
}
