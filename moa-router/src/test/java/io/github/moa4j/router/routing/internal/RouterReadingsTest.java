package io.github.moa4j.router.routing.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.moa4j.core.EngineClosedException;
import io.github.moa4j.core.generation.GenerationRequest.Sharing;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.MixtureOfLoras;
import io.github.moa4j.router.MixtureTest;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read for routers besides the prompts that are answered. */
final class RouterReadingsTest extends MixtureTest {

  private static RoutingSettings settings() {
    return new RoutingSettings(
        RouterKind.RIDGE,
        Optional.empty(),
        RoutingMode.SEQUENCE,
        1,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void onePassReadsWhatSeveralQuestionsWaitFor() {
    try (MixtureOfLoras mixture = open()) {
      RouterInUse router =
          RouterInUse.bySequence(mixture.base(), settings(), files.ridge("colours", "numbers"));
      TextGenerator generator = new TextGenerator(mixture.base(), mixture.prompts());
      RouterReadings readings = new RouterReadings(generator);
      RouterReadings.Reading first =
          readings.of(router, Sharing.EVERYTHING, List.of(new int[] {5}, new int[] {6, 7}));
      RouterReadings.Reading second =
          readings.of(router, Sharing.EVERYTHING, List.of(new int[] {8, 9, 10}));
      RouterReadings.Reading givenUp =
          readings.of(router, Sharing.EVERYTHING, List.of(new int[] {11}));
      givenUp.cancel();
      assertThat(first.states()).hasSize(2);
      generator.close();

      assertThat(second.states()).hasSize(1);
      assertThatThrownBy(givenUp::states).isInstanceOf(EngineClosedException.class);
    }
  }

  @Test
  void whatWasReadIsNotReadAgain() {
    try (MixtureOfLoras mixture = open()) {
      RouterInUse router =
          RouterInUse.bySequence(mixture.base(), settings(), files.ridge("colours", "numbers"));
      TextGenerator generator = new TextGenerator(mixture.base(), mixture.prompts());
      RouterReadings readings = new RouterReadings(generator);
      PromptStates message =
          readings.of(router, Sharing.EVERYTHING, List.of(new int[] {5})).states().get(0);
      PromptStates prompt = router.states(new int[] {6, 7});
      readings.remember(router, Sharing.EVERYTHING, new int[] {6, 7}, prompt);
      generator.close();

      assertThat(
              readings
                  .of(router, Sharing.EVERYTHING, List.of(new int[] {5}, new int[] {6, 7}))
                  .states())
          .containsExactly(message, prompt);
    }
  }
}
