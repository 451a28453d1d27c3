package io.github.moa4j.training.mixture;

import ai.djl.engine.Engine;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.LoraConfig;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.data.SelectionSplit;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingOptions;
import io.github.moa4j.training.lora.TrainingResult;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Grows a mixture one domain at a time. A new domain never touches what is there: its adapter is
 * trained alone on the frozen base, and the routers learn it from the stored statistics of the
 * others, not from their data.
 */
public final class MixtureTrainer {

  private static final int STATES_BATCH = 16;

  private final BaseModel base;
  private final ExampleEncoder encoder;
  private final MixtureTrainingSettings settings;
  private final MixtureRouters routers;

  /**
   * Creates a trainer; it owns neither model nor tokenizer.
   *
   * @param prompts makes the prompts, as the mixture that answers does
   * @throws io.github.moa4j.core.MoaException if ND4J, which fits the routers, finds no native code
   */
  public MixtureTrainer(BaseModel base, PromptEncoder prompts, MixtureTrainingSettings settings) {
    this.base = base;
    this.settings = settings;
    this.routers = new MixtureRouters(settings.layerwise(), settings.ridge());
    this.encoder =
        new ExampleEncoder(prompts, settings.maxPromptTokens(), settings.maxAnswerTokens());
  }

  /** Returns how this trainer trains. */
  public MixtureTrainingSettings settings() {
    return settings;
  }

  /** Returns the encoder that turns examples into tokens. */
  public ExampleEncoder encoder() {
    return encoder;
  }

  /**
   * Trains a domain's adapter and collects what the routers need of its prompts.
   *
   * @param domain its validation examples are not touched: a slice of the training examples chooses
   *     the best parameters
   * @param warmStart an adapter to start from; it is not changed, and its hash becomes the parent
   *     in the provenance
   * @param stateFile where the run keeps its state and goes on from; empty for none
   * @param listener told how training goes on
   */
  public TrainedDomain train(
      Domain domain,
      Optional<LoraAdapter> warmStart,
      Optional<Path> stateFile,
      TrainingListener listener) {
    TrainingResult training = trainAdapter(domain.train(), warmStart, stateFile, listener);
    DomainPrompts prompts = prompts(domain.name(), domain.train());
    return new TrainedDomain(
        domain.name(),
        training,
        prompts.states(),
        prompts.statistics(),
        provenance(domain, training, warmStart.map(LoraAdapter::sha256)));
  }

  /**
   * Trains one adapter on the mixed examples of several domains: what a mixture is compared with.
   *
   * @param selection examples that choose the best parameters
   */
  public TrainingResult trainMixed(
      List<Example> train, List<Example> selection, TrainingListener listener) {
    return new LoraTrainer(base, settings.adapter(), listener)
        .train(encoder.encode(train), encoder.encode(selection));
  }

  private TrainingResult trainAdapter(
      List<Example> examples,
      Optional<LoraAdapter> warmStart,
      Optional<Path> stateFile,
      TrainingListener listener) {
    SelectionSplit split = split(examples);
    List<EncodedExample> train = encoder.encode(split.train());
    List<EncodedExample> selection = encoder.encode(split.selection());
    return new LoraTrainer(base, settings.adapter(), listener)
        .train(train, selection, warmStart, stateFile);
  }

  private SelectionSplit split(List<Example> examples) {
    if (examples.size() < 2) {
      throw new DatasetException(
          "One training example is not enough; expected two or more: one at least is set aside to"
              + " choose the best parameters");
    }
    int limit = settings.trainingExamples() == 0 ? examples.size() : settings.trainingExamples();
    int wanted = settings.selectionExamples();
    if (limit + wanted <= examples.size()) {
      return new SelectionSplit(
          examples.subList(0, limit), examples.subList(limit, limit + wanted));
    }
    List<Example> used = examples.subList(0, Math.min(limit, examples.size()));
    int selected = Math.min(wanted, Math.max(1, used.size() / 10));
    return SelectionSplit.of(used, selected, settings.adapter().seed());
  }

  /**
   * Returns the examples whose prompts the routers learn a domain from, disturbed ones included.
   */
  public List<Example> routerPrompts(List<Example> examples) {
    return RouterPrompts.of(examples, settings);
  }

  private DomainPrompts prompts(String domain, List<Example> examples) {
    int hiddenSize = base.config().hiddenSize();
    Pooling pooling = settings.layerwise().pooling(hiddenSize);
    List<Integer> used =
        DomainStatistics.evenlySpacedStates(
            base.config().numHiddenLayers() + 1, pooling.width(hiddenSize));
    DomainStatistics statistics = DomainStatistics.empty(domain, pooling, used, hiddenSize);
    List<PromptStates> states = promptStates(RouterPrompts.of(examples, settings));
    statistics.add(states);
    return new DomainPrompts(domain, states, statistics);
  }

  /** Runs prompts in batches of similar length; the states come in the order of the examples. */
  private List<PromptStates> promptStates(List<Example> examples) {
    List<int[]> prompts = examples.stream().map(encoder::encodePrompt).toList();
    List<Integer> byLength =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
            .toList();
    PromptStates[] states = new PromptStates[prompts.size()];
    for (int start = 0; start < states.length; start += STATES_BATCH) {
      List<Integer> batch = byLength.subList(start, Math.min(states.length, start + STATES_BATCH));
      List<PromptStates> found = base.promptStates(batch.stream().map(prompts::get).toList());
      for (int i = 0; i < batch.size(); i++) {
        states[batch.get(i)] = found.get(i);
      }
    }
    return List.of(states);
  }

  private Provenance provenance(Domain domain, TrainingResult training, Optional<String> parent) {
    TrainingOptions options = settings.adapter();
    LoraConfig lora = options.lora();
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("rank", lora.rank());
    configuration.put("lora_alpha", lora.loraAlpha());
    configuration.put("lora_dropout", lora.loraDropout());
    configuration.put("epochs", options.epochs());
    configuration.put("batch_size", options.batchSize() * options.accumulationSteps());
    configuration.put("learning_rate", options.learningRate());
    configuration.put("compute_type", base.computeType().name());
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("selection_loss", training.validationLoss());
    metrics.put("best_step", (double) training.bestStep());
    metrics.put("tokens", (double) training.tokens());
    List<Provenance.DataFile> data =
        domain.sources().stream()
            .map(file -> new Provenance.DataFile(file.name(), file.sha256(), file.examples()))
            .toList();
    return new Provenance(
        base.fingerprint(), data, configuration, options.seed(), libraries(), metrics, parent);
  }

  static Map<String, String> libraries() {
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("java", Runtime.version().toString());
    libraries.put("djl", Engine.getDjlVersion());
    libraries.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    return libraries;
  }

  /** Adds a trained domain to a mixture, or replaces its adapter; the routers stay as they are. */
  public MixtureState store(MixtureDirectory mixture, TrainedDomain trained) {
    return mixture.commit(change -> store(change, trained));
  }

  private void store(MixtureChange change, TrainedDomain trained) {
    boolean known = change.state().domains().containsKey(trained.name());
    if (known) {
      change.replaceDomain(trained.name(), folder -> write(trained, folder));
    } else {
      change.addDomain(trained.name(), folder -> write(trained, folder));
    }
  }

  /**
   * Writes a trained domain into a folder of its own: a PEFT directory with {@code provenance.json}
   * and the statistics that teach the routers of a mixture.
   *
   * @param folder created if it is missing
   */
  public void write(TrainedDomain trained, Path folder) {
    PeftFormat.write(trained.training().adapter(), folder, base.directory().toString());
    trained.statistics().write(folder.resolve(DomainStatistics.FILE_NAME), base.fingerprint());
    trained.provenance().write(folder);
  }

  /**
   * Trains both routers on the domains that a mixture holds.
   *
   * @param trained domains whose prompts are at hand; the others take part by their statistics
   */
  public StoredRouters trainRouters(MixtureDirectory mixture, List<TrainedDomain> trained) {
    List<DomainPrompts> fresh = trained.stream().map(TrainedDomain::prompts).toList();
    return routers.teach(mixture, fresh, change -> {});
  }

  /**
   * Adds a trained domain and the routers that know it, in one commit. The files of every other
   * domain stay as they are, and their data is not needed.
   */
  public StoredRouters add(MixtureDirectory mixture, TrainedDomain trained) {
    return routers.teach(mixture, List.of(trained.prompts()), change -> store(change, trained));
  }

  /** Removes a domain, and what the routers know of it; see {@link MixtureRouters#remove}. */
  public void remove(MixtureDirectory mixture, String domain) {
    routers.remove(mixture, domain);
  }

  /**
   * Takes an adapter from elsewhere into a mixture: copies its PEFT files and, where it has them,
   * provenance and statistics of its prompts. In the same commit the routers learn the domain, from
   * the examples, else from the statistics if they bear the domain's name; with neither, only a
   * caller who names the domain reaches it. Without provenance the adapter counts as unverified.
   *
   * @param adapter a PEFT directory
   * @param examples whose prompts teach the routers; empty for none
   * @param pin marks the adapter as one of this base, on the caller's word
   * @return whether the routers know the domain now
   * @throws io.github.moa4j.core.lora.AdapterException if the adapter does not fit the base, says
   *     that it belongs to another, or the domain exists
   */
  public boolean importAdapter(
      MixtureDirectory mixture, String domain, Path adapter, List<Example> examples, boolean pin) {
    ImportedAdapter source = ImportedAdapter.open(adapter, base);
    Optional<DomainPrompts> prompts =
        examples.isEmpty() ? source.prompts(domain) : Optional.of(prompts(domain, examples));
    return take(
        mixture,
        prompts,
        change -> {
          change.addDomain(domain, folder -> source.copyTo(folder, prompts));
          if (pin) {
            change.pinDomain(domain);
          }
        });
  }

  /**
   * Gives a domain of a mixture another adapter from elsewhere, as {@link #importAdapter} adds one.
   * Where neither examples nor statistics come with it, the routers keep what they know of the
   * domain, as a domain's prompts do not change with its adapter.
   *
   * @param adapter a PEFT directory
   * @param examples whose prompts teach the routers anew; empty for none
   * @param pin marks the adapter as one of this base, on the caller's word
   * @return whether the routers know the domain now
   * @throws io.github.moa4j.core.lora.AdapterException if the adapter does not fit the base, says
   *     that it belongs to another, or there is no such domain
   */
  public boolean importReplacement(
      MixtureDirectory mixture, String domain, Path adapter, List<Example> examples, boolean pin) {
    ImportedAdapter source = ImportedAdapter.open(adapter, base);
    Path old = mixture.adapterDirectory(domain);
    Optional<DomainPrompts> prompts =
        examples.isEmpty()
            ? source.prompts(domain).or(() -> ImportedAdapter.prompts(old, domain, base))
            : Optional.of(prompts(domain, examples));
    return take(
        mixture,
        prompts,
        change -> {
          change.replaceDomain(domain, folder -> source.copyTo(folder, prompts));
          if (pin) {
            change.pinDomain(domain);
          }
        });
  }

  private boolean take(
      MixtureDirectory mixture, Optional<DomainPrompts> prompts, Consumer<MixtureChange> changes) {
    if (prompts.isPresent()) {
      routers.teach(mixture, List.of(prompts.get()), changes);
    } else {
      mixture.commit(changes);
    }
    return prompts.isPresent();
  }
}
