package io.github.moa4j.training.mixture;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.training.data.CutExamples;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.data.SelectionSplit;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingFit;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain's way from examples to an adapter and to what the routers need of its prompts: all that
 * can be wrong with the examples is found before the first step.
 */
final class DomainCourse {

  private static final Logger logger = LoggerFactory.getLogger(MixtureTrainer.class);

  private final BaseModel base;
  private final ExampleEncoder encoder;
  private final MixtureTrainingSettings settings;
  private final PromptReader reader;

  DomainCourse(
      BaseModel base,
      ExampleEncoder encoder,
      MixtureTrainingSettings settings,
      PromptReader reader) {
    this.base = base;
    this.encoder = encoder;
    this.settings = settings;
    this.reader = reader;
  }

  /**
   * Trains a domain's adapter and reads its prompts.
   *
   * @param routerExamples whose questions tell the domain
   * @throws DatasetException if an example does not fit the base, naming its file and line
   */
  TrainedDomain train(Domain domain, List<Example> routerExamples, TrainingSession session) {
    DomainNames.check(domain.name());
    SelectionSplit split = split(domain);
    List<EncodedExample> train = encode(domain, split.train());
    List<EncodedExample> selection = encode(domain, split.selection());
    PromptReader.Encoded prompts = reader.encode(domain.name(), routerExamples);
    CutExamples cut = CutExamples.of(Stream.of(train, selection).flatMap(List::stream).toList());
    if (cut.any()) {
      logger.warn(
          "Domain '{}': {} (limits: {} and {} tokens)",
          domain.name(),
          cut,
          settings.maxPromptTokens(),
          settings.maxAnswerTokens());
    }
    TrainingResult training =
        new LoraTrainer(base, settings.adapter()).train(train, selection, session);
    DomainPrompts read = reader.read(domain.name(), prompts);
    return new TrainedDomain(
        domain.name(),
        training,
        cut,
        read.states(),
        read.statistics(),
        TrainingProvenance.of(domain, base, settings.adapter(), training, cut, session));
  }

  private List<EncodedExample> encode(Domain domain, List<Example> examples) {
    List<EncodedExample> encoded =
        examples.stream().map(example -> encode(domain, example)).toList();
    TrainingFit.check(
        base, settings.adapter().lora(), encoded, i -> domain.nameOf(examples.get(i)));
    return encoded;
  }

  private EncodedExample encode(Domain domain, Example example) {
    try {
      return encoder.encode(example);
    } catch (MoaException e) {
      throw new DatasetException(domain.nameOf(example) + ": " + e.getMessage(), e);
    }
  }

  private SelectionSplit split(Domain domain) {
    List<Example> examples = domain.train();
    int limit = settings.trainingExamples() == 0 ? examples.size() : settings.trainingExamples();
    int wanted = settings.adapter().privacy().isNone() ? settings.selectionExamples() : 0;
    if (examples.size() > 1 && limit + wanted <= examples.size()) {
      return new SelectionSplit(
          examples.subList(0, limit), examples.subList(limit, limit + wanted));
    }
    List<Example> used = examples.subList(0, Math.min(limit, examples.size()));
    if (used.size() < 2) {
      throw new DatasetException(
          ("Domain '%s': one training example is not enough; expected two or more: one at least is"
                  + " set aside to choose the best parameters")
              .formatted(domain.name()));
    }
    int selected = Math.min(wanted, Math.max(1, used.size() / 10));
    try {
      return SelectionSplit.of(used, selected, settings.adapter().seed());
    } catch (IllegalArgumentException e) {
      throw new DatasetException("Domain '%s': %s".formatted(domain.name(), e.getMessage()), e);
    }
  }
}
