package io.github.moa4j.training.mixture;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.router.MixturePrompts;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.data.DatasetException;
import io.github.moa4j.training.data.Domain;
import io.github.moa4j.training.data.Example;
import io.github.moa4j.training.data.ExampleEncoder;
import io.github.moa4j.training.lora.LoraTrainer;
import io.github.moa4j.training.lora.SideBySide;
import io.github.moa4j.training.lora.TrainingListener;
import io.github.moa4j.training.lora.TrainingResult;
import io.github.moa4j.training.lora.TrainingSession;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Grows a mixture one domain at a time. A new domain never touches what is there: its adapter is
 * trained alone on the frozen base, and the routers learn it from the stored statistics of the
 * others, not from their data.
 */
public final class MixtureTrainer {

  private final BaseModel base;
  private final ExampleEncoder encoder;
  private final MixtureTrainingSettings settings;
  private final MixtureRouters routers;
  private final PromptReader reader;
  private final DomainCourse course;

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
    this.reader = new PromptReader(base, encoder, settings);
    this.course = new DomainCourse(base, encoder, settings, reader);
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
   * Trains a domain's adapter and collects what the routers need of its prompts. All that can be
   * wrong with the examples is found before the first step.
   *
   * @param domain its validation examples are not touched: a slice of the training examples chooses
   *     the best parameters
   * @throws DatasetException if an example does not fit the base, naming its file and line
   */
  public TrainedDomain train(Domain domain) {
    return train(domain, TrainingSession.fresh());
  }

  /**
   * Trains a domain's adapter in a session of the caller's; see {@link #train(Domain)}.
   *
   * @param session the hash of the adapter it starts from becomes the parent in the provenance
   * @throws DatasetException if an example does not fit the base, naming its file and line
   */
  public TrainedDomain train(Domain domain, TrainingSession session) {
    if (!settings.adapter().privacy().isNone()) {
      throw new MoaException(
          ("What routers learn of the prompts of domain '%s' is not covered by the privacy of its"
                  + " adapter. Give the routers public examples of their own, or none.")
              .formatted(domain.name()));
    }
    return train(domain, domain.train(), session);
  }

  /**
   * Trains a domain's adapter, while the routers learn the domain from other examples, as private
   * training must.
   *
   * @param routerExamples whose questions tell the domain, public where the adapter is private;
   *     empty for a domain that only callers reach who name it
   * @throws DatasetException if an example does not fit the base, naming its file and line
   */
  public TrainedDomain train(Domain domain, List<Example> routerExamples, TrainingSession session) {
    return course.train(domain, routerExamples, session);
  }

  /**
   * Trains several domains, some at a time, each as {@link #train(Domain, TrainingSession)} does
   * alone; see {@link SideBySide} for when that is faster.
   *
   * @param atOnce how many at a time, each with its share of the engine's threads
   * @param session of each domain; listeners are called in the threads that train
   * @param done takes each in the calling thread, in the order in which they are finished
   * @throws DatasetException if an example does not fit the base, naming its file and line; no
   *     other domain begins then, those under way come to their end and are handed over
   */
  public void train(
      List<Domain> domains,
      int atOnce,
      Function<Domain, TrainingSession> session,
      Consumer<TrainedDomain> done) {
    SideBySide.run(domains, atOnce, domain -> train(domain, session.apply(domain)), done);
  }

  /**
   * Trains one adapter on the mixed examples of several domains: what a mixture is compared with.
   *
   * @param selection examples that choose the best parameters
   */
  public TrainingResult trainMixed(
      List<Example> train, List<Example> selection, TrainingListener listener) {
    return new LoraTrainer(base, settings.adapter())
        .train(
            encoder.encode(train),
            encoder.encode(selection),
            TrainingSession.fresh().withListener(listener));
  }

  /**
   * Returns the examples whose prompts the routers learn a domain from, disturbed ones included.
   */
  public List<Example> routerPrompts(List<Example> examples) {
    return RouterPrompts.of(examples, settings).prompts();
  }

  private DomainPrompts prompts(String domain, List<Example> examples) {
    return reader.read(domain, reader.encode(domain, examples));
  }

  /**
   * Adds a trained domain to a mixture, or replaces its adapter; the routers stay as they are.
   *
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public MixtureState store(MixtureDirectory mixture, TrainedDomain trained) {
    requireSame(mixture);
    return mixture.commit(change -> store(change, trained));
  }

  /**
   * Adds a trained domain that the routers cannot learn, or replaces its adapter. In the same
   * commit they forget what they knew of the domain: only callers who name it reach it.
   *
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public void storeUnrouted(MixtureDirectory mixture, TrainedDomain trained) {
    requireSame(mixture);
    routers.forget(mixture, trained.name(), change -> store(change, trained));
  }

  /** What was learnt on another base, or from other prompts, would be served as nonsense. */
  private void requireSame(MixtureDirectory mixture) {
    mixture.state().checkBase(base.fingerprint());
    MixturePrompts.requireSame(mixture, encoder().prompts());
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
    if (!trained.promptStates().isEmpty()) {
      trained.statistics().write(folder.resolve(DomainStatistics.FILE_NAME), base.fingerprint());
    }
    trained.provenance().write(folder);
  }

  /**
   * Trains both routers on the domains that a mixture holds.
   *
   * @param trained domains whose prompts are at hand; the others take part by their statistics
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public StoredRouters trainRouters(MixtureDirectory mixture, List<TrainedDomain> trained) {
    requireSame(mixture);
    List<DomainPrompts> fresh =
        trained.stream()
            .filter(domain -> !domain.promptStates().isEmpty())
            .map(TrainedDomain::prompts)
            .toList();
    return routers.teach(mixture, fresh, reader::general, change -> {});
  }

  /**
   * Trains the routers for {@link io.github.moa4j.router.RoutingMode#PER_LAYER} on the states that
   * their own choices lead to, and stores them as such. This needs the prompts and the adapters of
   * all domains; a domain that comes later brings routers for {@code SEQUENCE} again, so this is
   * done once the mixture is complete. Such a router knows no text of no domain. It takes some 70
   * kB of heap a prompt for 9 states of 256, four times that with disturbed prompts.
   *
   * @param domains the training examples of at least the mixture's domains
   * @throws DatasetException if a domain of the mixture is missing
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer, or its domains have changed in the meantime
   */
  public StoredRouters trainPerLayerRouters(MixtureDirectory mixture, List<Domain> domains) {
    requireSame(mixture);
    MixtureState state = mixture.state();
    return routers.store(
        mixture,
        state,
        new PerLayerRouters(base, reader, settings.layerwise()).train(mixture, state, domains));
  }

  /**
   * Adds a trained domain and the routers that know it, in one commit. The files of every other
   * domain stay as they are, and their data is not needed.
   *
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public StoredRouters add(MixtureDirectory mixture, TrainedDomain trained) {
    requireSame(mixture);
    if (trained.promptStates().isEmpty()) {
      throw new MoaException(
          "Routers cannot learn domain '%s' without examples: use storeUnrouted, and callers reach it by name."
              .formatted(trained.name()));
    }
    return routers.teach(
        mixture, List.of(trained.prompts()), reader::general, change -> store(change, trained));
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
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public boolean importAdapter(
      MixtureDirectory mixture, String domain, Path adapter, List<Example> examples, boolean pin) {
    DomainNames.check(domain);
    requireSame(mixture);
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
   * @throws io.github.moa4j.core.store.MixtureException if the mixture has another base, or serves
   *     other prompts, than this trainer
   */
  public boolean importReplacement(
      MixtureDirectory mixture, String domain, Path adapter, List<Example> examples, boolean pin) {
    requireSame(mixture);
    ImportedAdapter source = ImportedAdapter.open(adapter, base);
    int old = mixture.state().domain(domain).version();
    Optional<DomainPrompts> prompts =
        examples.isEmpty()
            ? source.prompts(domain).or(() -> ImportedAdapter.prompts(mixture, domain, old, base))
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
      routers.teach(mixture, List.of(prompts.get()), reader::general, changes);
    } else {
      mixture.commit(changes);
    }
    return prompts.isPresent();
  }
}
