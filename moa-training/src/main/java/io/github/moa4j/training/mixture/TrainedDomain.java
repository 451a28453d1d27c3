package io.github.moa4j.training.mixture;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.CutExamples;
import io.github.moa4j.training.lora.TrainingResult;
import java.util.List;

/**
 * A domain after training, not yet part of a mixture.
 *
 * @param name of the domain
 * @param training the adapter and how it was trained
 * @param cut how many of its examples were longer than the limits
 * @param promptStates what the base sees of the domain's prompts; the routers learn from it
 * @param statistics the moments of these states, stored beside the adapter
 * @param provenance where the adapter comes from, stored beside it
 */
public record TrainedDomain(
    String name,
    TrainingResult training,
    CutExamples cut,
    List<PromptStates> promptStates,
    DomainStatistics statistics,
    Provenance provenance) {

  DomainPrompts prompts() {
    return new DomainPrompts(name, promptStates, statistics);
  }
}
