package io.github.moa4j.training.mixture;

import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RouterDomains;
import io.github.moa4j.router.RoutingText;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Reads the prompts that teach the routers a domain: what the base sees of each, in batches. */
final class PromptReader {

  private static final int BATCH_SIZE = 16;

  private final BaseModel base;
  private final ExampleEncoder encoder;
  private final MixtureTrainingSettings settings;

  PromptReader(BaseModel base, ExampleEncoder encoder, MixtureTrainingSettings settings) {
    this.base = base;
    this.encoder = encoder;
    this.settings = settings;
  }

  /**
   * Encodes the prompts, disturbed ones included.
   *
   * @throws DatasetException if one is longer than the base's context
   */
  List<int[]> encode(String domain, List<Example> examples) {
    List<int[]> prompts =
        RouterPrompts.of(examples, settings).stream().map(encoder::encodePrompt).toList();
    int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    if (longest > base.contextLength()) {
      throw new DatasetException(
          ("Domain '%s' has a prompt of %d tokens, but the base takes %d; lower maxPromptTokens,"
                  + " which is %d")
              .formatted(domain, longest, base.contextLength(), settings.maxPromptTokens()));
    }
    return prompts;
  }

  /** Returns what routers learn of the texts of no domain. */
  DomainPrompts readGeneral() {
    List<int[]> prompts =
        settings.generalText().stream()
            .filter(text -> !RoutingText.isBlank(text))
            .map(text -> Example.of(RoutingText.of(text), "none"))
            .map(encoder::encodePrompt)
            .toList();
    return read(RouterDomains.NONE_OF_THESE, prompts);
  }

  /** Runs prompts in batches of similar length; the states come in the order of the prompts. */
  DomainPrompts read(String domain, List<int[]> prompts) {
    int hiddenSize = base.config().hiddenSize();
    Pooling pooling = settings.layerwise().pooling(hiddenSize);
    List<Integer> used =
        DomainStatistics.evenlySpacedStates(
            base.config().numHiddenLayers() + 1, pooling.width(hiddenSize));
    DomainStatistics statistics = DomainStatistics.empty(domain, pooling, used, hiddenSize);
    List<PromptStates> states = states(prompts);
    statistics.add(states);
    return new DomainPrompts(domain, states, statistics);
  }

  private List<PromptStates> states(List<int[]> prompts) {
    List<Integer> byLength =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
            .toList();
    PromptStates[] states = new PromptStates[prompts.size()];
    for (int start = 0; start < states.length; start += BATCH_SIZE) {
      List<Integer> batch = byLength.subList(start, Math.min(states.length, start + BATCH_SIZE));
      List<PromptStates> found = base.promptStates(batch.stream().map(prompts::get).toList());
      for (int i = 0; i < batch.size(); i++) {
        states[batch.get(i)] = found.get(i);
      }
    }
    return List.of(states);
  }
}
