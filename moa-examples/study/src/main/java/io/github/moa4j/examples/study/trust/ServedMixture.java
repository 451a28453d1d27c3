package io.github.moa4j.examples.study.trust;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;

/** A mixture as it is asked, and once more as one that reads all states of every prompt. */
public final class ServedMixture implements AutoCloseable {

  private final MixtureOfLoras mixture;
  private final MixtureOfLoras whole;
  private final int states;

  private ServedMixture(MixtureOfLoras mixture, MixtureOfLoras whole, int states) {
    this.mixture = mixture;
    this.whole = whole;
    this.states = states;
  }

  /** Opens a mixture with one of its routers. */
  public static ServedMixture open(MixtureDirectory directory, RouterKind router) {
    MixtureState state = directory.state();
    Path routers = state.routerDirectory().orElseThrow();
    int states = StoredRouters.read(routers, router, state.baseFingerprint()).states().size();
    MixtureOfLoras mixture = MixtureOfLoras.builder(directory.directory()).router(router).open();
    try {
      return new ServedMixture(
          mixture,
          MixtureOfLoras.builder(directory.directory()).router(router).routingStates(states).open(),
          states);
    } catch (RuntimeException e) {
      mixture.close();
      throw e;
    }
  }

  /** Decides on a question. */
  public RoutingDecision route(String text) {
    return mixture.route(Question.of(text));
  }

  /** Decides on a question by all states. */
  public RoutingDecision routeByAllStates(String text) {
    return whole.route(Question.of(text));
  }

  /** Returns how many states the router reads where nothing ends it early. */
  public int states() {
    return states;
  }

  @Override
  public void close() {
    try (mixture;
        whole) {
      // both, whatever the first says
    }
  }
}
