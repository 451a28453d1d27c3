package io.github.moa4j.training.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PromptRowsTest {

  private static final int PROMPTS = 600;
  private static final int FORMS = 3;

  private static final LayerwiseRouterSettings SETTINGS =
      new LayerwiseRouterSettings(Optional.of(Pooling.MEAN), List.of(), 10, 0.003, 0, 5, 16, 0);

  /** The first feature tells the prompt, the second the form. */
  private static List<List<PromptStates>> prompts() {
    List<List<PromptStates>> prompts = new ArrayList<>();
    for (int i = 0; i < PROMPTS; i++) {
      List<PromptStates> forms = new ArrayList<>();
      for (int form = 0; form < FORMS; form++) {
        float[][] state = {{i, form}};
        forms.add(new PromptStates(state, state));
      }
      prompts.add(forms);
    }
    return prompts;
  }

  @Test
  void aPromptIsHeldOutInAllItsForms() {
    PromptRows rows = PromptRows.ofForms("domain", prompts(), SETTINGS);
    Set<Float> learnt = new HashSet<>();
    for (float[] row : rows.rows(0)) {
      learnt.add(row[0]);
    }
    Set<Float> heldOut = new HashSet<>();
    for (float[] row : rows.heldOut(0)) {
      heldOut.add(row[0]);
    }
    assertThat(heldOut).hasSize(64).doesNotContainAnyElementsOf(learnt);
    assertThat(learnt).hasSize(PROMPTS - 64);
    assertThat(rows.heldOut(0)).hasNumberOfRows(64 * FORMS);
  }

  @Test
  void theMomentsLeaveTheSamePromptsOut() {
    PromptRows rows = PromptRows.ofForms("domain", prompts(), SETTINGS);
    DomainStatistics statistics = rows.statistics(0);
    assertThat(statistics.count()).isEqualTo((PROMPTS - 64) * FORMS);
    assertThat(statistics.heldOut(0)).isDeepEqualTo(rows.heldOut(0));
    double sum = 0;
    for (float[] row : rows.rows(0)) {
      sum += row[0];
    }
    assertThat(statistics.mean(0)[0]).isCloseTo(sum / statistics.count(), within(1e-6));
  }
}
