package io.github.moa4j.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.PromptStates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mixture relies on: every router must pass. */
public abstract class RouterSuite {

  /** A router of three domains or more that reads two states or more of {@link #samples()}. */
  protected abstract Router router();

  /** The same router with another abstention threshold. */
  protected abstract Router withThreshold(double threshold);

  /** The same router once more: read back from its files, or made again of what it is made of. */
  protected abstract Router again(Path folder);

  /** Prompts of the base that the router is for, of every domain. */
  protected List<PromptStates> samples() {
    List<PromptStates> prompts = new ArrayList<>();
    for (String domain : router().domains()) {
      prompts.addAll(SyntheticDomains.prompts(domain, 8, 4));
    }
    return prompts;
  }

  @Test
  void namesItsDomainsAndStates() {
    assertThat(router().domains()).isNotEmpty().doesNotHaveDuplicates();
    assertThat(router().states()).isNotEmpty().isSorted().doesNotHaveDuplicates();
    assertThat(router().states().get(0)).isNotNegative();
  }

  @Test
  void givesADistributionOverItsDomainsInTheirOrder() {
    Router router = router();
    for (PromptStates prompt : samples()) {
      RoutingDecision decision = router.route(prompt);
      assertThat(decision.probabilities().keySet()).containsExactlyElementsOf(router.domains());
      assertThat(decision.probabilities().values().stream().mapToDouble(p -> p).sum())
          .isCloseTo(1, within(1e-9));
      assertThat(decision.confidence())
          .isEqualTo(decision.probabilities().get(decision.mostProbable()), within(1e-12));
      assertThat(decision.votes()).extracting(StateVote::state).isEqualTo(router.states());
      assertThat(decision.votes())
          .allSatisfy(
              vote ->
                  assertThat(vote.probabilities().keySet())
                      .containsExactlyElementsOf(router.domains()));
    }
  }

  @Test
  void givesTheSameDecisionAgainAndFromManyThreadsAtOnce() {
    Router router = router();
    List<PromptStates> prompts = samples();
    List<RoutingDecision> alone = prompts.stream().map(router::route).toList();
    List<RoutingDecision> together =
        IntStream.range(0, 20 * prompts.size())
            .parallel()
            .mapToObj(i -> router.route(prompts.get(i % prompts.size())))
            .toList();
    for (int i = 0; i < together.size(); i++) {
      assertThat(together.get(i)).isEqualTo(alone.get(i % alone.size()));
    }
  }

  @Test
  void choosesAnAdapterFromItsThresholdOnOnly() {
    for (PromptStates prompt : samples()) {
      double confidence = router().route(prompt).confidence();
      assertThat(withThreshold(0).route(prompt).chosen())
          .contains(router().route(prompt).mostProbable());
      assertThat(withThreshold(confidence).route(prompt).chosen()).isPresent();
      if (confidence < 1) {
        assertThat(withThreshold(Math.nextUp(confidence)).route(prompt).chosen()).isEmpty();
      }
    }
    for (double threshold : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> withThreshold(threshold))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(threshold));
    }
  }

  @Test
  void dependsOnItsFirstStatesAloneOnceShortened() {
    Router whole = router();
    for (int count = 1; count <= whole.states().size(); count++) {
      Router early = whole.usingFirstStates(count);
      List<Integer> states = whole.states().subList(0, count);
      assertThat(early.states()).isEqualTo(states);
      assertThat(early.domains()).isEqualTo(whole.domains());
      for (PromptStates prompt : samples()) {
        RoutingDecision decision = early.route(prompt);
        assertThat(decision.votes()).isEqualTo(whole.route(prompt).votes().subList(0, count));
        assertThat(early.route(first(prompt, states.get(count - 1) + 1))).isEqualTo(decision);
      }
    }
    assertThat(whole.usingFirstStates(whole.states().size()).route(samples().get(0)))
        .isEqualTo(whole.route(samples().get(0)));
  }

  @Test
  void refusesToReadNoStateOrMoreThanItHas() {
    Router router = router();
    int all = router.states().size();
    for (int count : new int[] {-1, 0, all + 1}) {
      assertThatThrownBy(() -> router.usingFirstStates(count))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("between 1 and " + all)
          .hasMessageContaining("not " + count);
    }
  }

  @Test
  void refusesPromptsWithTooFewStatesOrOfAnotherWidth() {
    Router router = router();
    PromptStates prompt = samples().get(0);
    int highest = router.states().get(router.states().size() - 1);
    assertThatThrownBy(() -> router.route(first(prompt, highest)))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("states up to " + highest);
    for (int width : new int[] {prompt.hiddenSize() - 1, prompt.hiddenSize() + 1}) {
      float[][] other = new float[prompt.numStates()][width];
      assertThatThrownBy(() -> router.route(new PromptStates(other, other)))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("width " + width);
    }
  }

  @Test
  void refusesStatesThatAreNotNumbers() {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      PromptStates prompt = copy(samples().get(0));
      for (int state : router().states()) {
        Arrays.fill(prompt.mean()[state], value); // arrays are not copied: states can go bad later
        Arrays.fill(prompt.last()[state], value);
      }
      assertThatThrownBy(() -> router().route(prompt))
          .isInstanceOf(MoaException.class)
          .hasMessageContaining("NaN or infinity");
    }
  }

  @Test
  void decidesTheSameOnceMadeAgain(@TempDir Path folder) {
    Router router = router();
    Router again = again(folder);
    assertThat(again.domains()).isEqualTo(router.domains());
    assertThat(again.states()).isEqualTo(router.states());
    for (PromptStates prompt : samples()) {
      assertThat(again.route(prompt)).isEqualTo(router.route(prompt));
    }
  }

  @Test
  void leavesDomainsOutAsIfItHadNeverHeardOfThem() {
    Router whole = router();
    List<String> kept = whole.domains().subList(1, whole.domains().size());
    Router some = whole.usingDomains(Set.copyOf(kept));
    assertThat(some.domains()).isEqualTo(kept);
    assertThat(some.states()).isEqualTo(whole.states());
    for (PromptStates prompt : samples()) {
      RoutingDecision decision = some.route(prompt);
      assertThat(decision.probabilities().keySet()).containsExactlyElementsOf(kept);
      assertThat(decision.votes())
          .allSatisfy(
              vote -> assertThat(vote.probabilities().keySet()).containsExactlyElementsOf(kept));
    }
    Set<String> all = new HashSet<>(whole.domains());
    all.add("unheard-of");
    assertThat(whole.usingDomains(all).route(samples().get(0)))
        .isEqualTo(whole.route(samples().get(0)));
  }

  private static PromptStates first(PromptStates prompt, int count) {
    return new PromptStates(
        Arrays.copyOf(prompt.mean(), count), Arrays.copyOf(prompt.last(), count));
  }

  private static PromptStates copy(PromptStates prompt) {
    return new PromptStates(
        Arrays.stream(prompt.mean()).map(float[]::clone).toArray(float[][]::new),
        Arrays.stream(prompt.last()).map(float[]::clone).toArray(float[][]::new));
  }
}
