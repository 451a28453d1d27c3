package io.github.moa4j.router;

import io.github.moa4j.core.model.PromptStates;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which domain a prompt belongs to, and how sure that is. A mixture stores two kinds
 * ({@link RouterKind}); an application may write its own and hand it to {@link
 * MixtureBuilder#router(Router)}.
 *
 * <p>Implementations are immutable, safe for use by many threads at once, give the same decision
 * for the same states, and hold no native memory.
 */
public interface Router {

  /**
   * Returns the domains this router knows, in the order of its scores; at least one, all different.
   * {@link RouterDomains#NONE_OF_THESE} among them stands for prompts of no domain.
   */
  List<String> domains();

  /**
   * Returns the indices of the states this router reads, ascending, at least one. The base's pass
   * over a prompt ends behind the last of them: state s lies behind s layers, see {@link
   * PromptStates}.
   */
  List<Integer> states();

  /**
   * Returns this router reading only the first of its states, so that the base's pass ends early.
   * What it says of a prompt then depends on those states alone.
   *
   * @param count how many of {@link #states()} to read, at least 1
   * @throws RouterException if there are not so many, or this router needs all of them, as one that
   *     does not override this method does
   */
  default Router usingFirstStates(int count) {
    requireStates(this, count);
    if (count < states().size()) {
      throw new RouterException(
          "A router of class "
              + getClass().getName()
              + " needs all of its "
              + states().size()
              + " states; it cannot use the first "
              + count
              + " alone.");
    }
    return this;
  }

  /**
   * Returns a router of the first of these states that decides on the prompts it is sure of, so
   * that the base's pass may end there. Where it chooses no domain, this router decides on all of
   * its states.
   *
   * @return a router that knows the same domains; empty if this one always needs all of its states,
   *     as one that does not override this method does
   */
  default Optional<Router> early() {
    return Optional.empty();
  }

  /**
   * Returns this router knowing some of its domains only, as if it had never heard of the others:
   * they are left out before scores become probabilities. {@link RouterDomains#NONE_OF_THESE} stays
   * where this router has it.
   *
   * @param wanted at least one of {@link #domains()}; others are ignored
   * @throws RouterException if this router cannot leave domains out, as one that does not override
   *     this method
   */
  default Router usingDomains(Set<String> wanted) {
    if (wanted.containsAll(domains())) {
      return this;
    }
    throw new RouterException(
        "A router of class "
            + getClass().getName()
            + " cannot leave domains out, so no question can be restricted to some of them."
            + " Override usingDomains.");
  }

  /**
   * Decides on one prompt.
   *
   * @param states the pooled states of the prompt from the base's own pass, all those up to the
   *     last of {@link #states()} at least
   * @return the decision for the whole sequence; its probabilities name {@link #domains()}, in that
   *     order. {@link RoutingDecision#of} makes one of scores that are probabilities already.
   * @throws RouterException if the states do not have the width or the number this router needs
   */
  RoutingDecision route(PromptStates states);

  /**
   * Checks that a router can read its first states.
   *
   * @throws RouterException if {@code count} is not between 1 and the number of its states
   */
  static void requireStates(Router router, int count) {
    int all = router.states().size();
    if (count < 1 || count > all) {
      throw new RouterException(
          "The router reads "
              + all
              + " states, so between 1 and "
              + all
              + " of them can be used, not "
              + count
              + ".");
    }
  }
}
