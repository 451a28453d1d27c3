package io.github.moa4j.examples.study.workbench;

import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.TargetModule;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.examples.study.report.records.Setting;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.evaluation.AnswerKind;
import io.github.moa4j.training.evaluation.Evaluator;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.mixture.MixtureTrainer;
import io.github.moa4j.training.mixture.MixtureTrainingSettings;
import java.nio.file.Path;
import java.util.List;

/** What all parts of a comparison share: base, domains, settings and the store of results. */
public final class Workbench {

  private final BaseModel model;
  private final MixtureTrainer trainer;
  private final Evaluator evaluator;
  private final List<Domain> domains;
  private final ComparisonSettings settings;
  private final Path output;
  private final ResultStore store;

  public Workbench(
      BaseModel model,
      PromptEncoder prompts,
      List<Domain> domains,
      ComparisonSettings settings,
      Path output) {
    this.model = model;
    this.settings = settings;
    this.output = output;
    this.store = new ResultStore(parts(output));
    this.domains =
        domains.stream()
            .map(
                domain ->
                    new Domain(
                        domain.name(),
                        domain.train(),
                        first(domain.validation(), settings.validationExamples()),
                        domain.sources()))
            .toList();
    this.trainer =
        new MixtureTrainer(
            model,
            prompts,
            MixtureTrainingSettings.of(options(lora(settings.rank()), settings.first(), 1))
                .toBuilder()
                .trainingExamples(settings.trainingExamples())
                .routerPrompts(settings.routerPrompts())
                .build());
    this.evaluator = new Evaluator(model, trainer.encoder());
    ComparisonIdentity.of(model, this.domains, settings).claim(store);
  }

  /** The folder of an output's results. */
  public static Path parts(Path output) {
    return output.resolve("parts");
  }

  public static <T> List<T> first(List<T> list, int count) {
    return list.subList(0, Math.min(count, list.size()));
  }

  public BaseModel model() {
    return model;
  }

  public MixtureTrainer trainer() {
    return trainer;
  }

  public ExampleEncoder encoder() {
    return trainer.encoder();
  }

  public Evaluator evaluator() {
    return evaluator;
  }

  public List<Domain> domains() {
    return domains;
  }

  public List<String> names() {
    return domains.stream().map(Domain::name).toList();
  }

  public ComparisonSettings settings() {
    return settings;
  }

  public Path output() {
    return output;
  }

  public ResultStore store() {
    return store;
  }

  public LoraConfig lora(int rank) {
    return LoraConfig.of(rank, 2.0 * rank, TargetModule.outsideOfExperts());
  }

  /** Options with a tenth of the run's own steps as warm-up. */
  public TrainingOptions options(LoraConfig lora, Setting setting, long seed) {
    return TrainingOptions.of(lora).toBuilder()
        .epochs(settings.epochs())
        .batchSize(setting.batchSize())
        .learningRate(setting.learningRate())
        .warmupShare(0.1)
        .evaluationsPerEpoch(2)
        .seed(seed)
        .build();
  }

  /** The first examples of a domain, encoded. */
  public List<EncodedExample> train(Domain domain, int count) {
    return encoder().encode(first(domain.train(), count));
  }

  /** Training examples of a domain that choose the checkpoint: those behind the ones learned. */
  public List<EncodedExample> selection(Domain domain) {
    return encoder().encode(selectionExamples(domain));
  }

  /** The same, as texts. */
  public List<Example> selectionExamples(Domain domain) {
    List<Example> all = domain.train();
    int from = Math.min(settings.trainingExamples(), all.size() - 1);
    return all.subList(from, Math.min(all.size(), from + settings.selectionExamples()));
  }

  public AnswerKind kind(Domain domain) {
    return AnswerKind.of(domain.train().stream().map(Example::answer).toList());
  }
}
