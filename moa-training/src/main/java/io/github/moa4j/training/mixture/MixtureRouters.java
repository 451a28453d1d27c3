package io.github.moa4j.training.mixture;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.core.store.MixtureChange;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.core.store.Provenance;
import io.github.moa4j.router.algebra.internal.NativeBackend;
import io.github.moa4j.router.layerwise.LayerwiseRouter;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import io.github.moa4j.router.statistics.GeneralStatistics;
import io.github.moa4j.router.stored.StoredRouters;
import io.github.moa4j.training.router.EarlyExitCalibration;
import io.github.moa4j.training.router.LayerwiseRouterSettings;
import io.github.moa4j.training.router.LayerwiseRouterTrainer;
import io.github.moa4j.training.router.ThresholdCalibration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps both routers of a mixture in step with its domains. It works from the statistics that lie
 * beside the adapters, and needs neither the base nor anybody's data.
 */
public final class MixtureRouters {

  private static final String GENERAL = "none_of_these.safetensors";

  private final LayerwiseRouterSettings layerwise;
  private final RidgeSettings ridge;

  /**
   * Creates it with the settings that routers are trained with.
   *
   * @throws io.github.moa4j.core.MoaException if ND4J, which fits routers, finds no native code:
   *     now, and not when an adapter has been trained for hours
   */
  public MixtureRouters(LayerwiseRouterSettings layerwise, RidgeSettings ridge) {
    NativeBackend.require();
    this.layerwise = layerwise;
    this.ridge = ridge;
  }

  /**
   * Removes a domain, and what the routers know of it, in one commit. Where no other domain has
   * statistics, they know text of no domain alone, and the base answers all that names none; where
   * they have not learnt such text, they stay as they are, and the base answers what they would
   * give to the removed domain.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if there is no such domain
   */
  public void remove(MixtureDirectory mixture, String domain) {
    mixture.state().domain(domain);
    commit(
        mixture, state -> without(domain, mixture, state), change -> change.removeDomain(domain));
  }

  /**
   * Commits changes together with routers that know nothing of one domain, as {@link #remove} makes
   * them. What the mixture does not have yet, they do not know.
   */
  void forget(MixtureDirectory mixture, String domain, Consumer<MixtureChange> changes) {
    commit(
        mixture,
        state ->
            state.domains().containsKey(domain)
                ? without(domain, mixture, state)
                : Optional.empty(),
        changes);
  }

  private Optional<Fitted> without(String domain, MixtureDirectory mixture, MixtureState state) {
    List<DomainStatistics> rest = statistics(mixture, state, Set.of(domain));
    Optional<GeneralStatistics> general = general(mixture, state);
    return rest.isEmpty() && general.isEmpty()
        ? Optional.empty()
        : Optional.of(fit(rest, List.of(), general));
  }

  /**
   * Commits changes together with routers that know the mixture's domains and some more.
   *
   * @param text of no domain, unless the mixture has learnt it, as much of it as of its domains:
   *     mixtures of earlier versions know no tokens
   */
  StoredRouters teach(
      MixtureDirectory mixture,
      List<DomainPrompts> fresh,
      Supplier<Optional<GeneralStatistics>> text,
      Consumer<MixtureChange> changes) {
    Set<String> names = fresh.stream().map(DomainPrompts::domain).collect(Collectors.toSet());
    return commit(
            mixture,
            state -> {
              List<DomainStatistics> stored = statistics(mixture, state, names);
              boolean tokens =
                  Stream.concat(stored.stream(), fresh.stream().map(DomainPrompts::statistics))
                      .allMatch(MixtureRouters::knowsTokens);
              Optional<GeneralStatistics> learnt = general(mixture, state);
              Optional<GeneralStatistics> general =
                  learnt
                      .filter(
                          kept ->
                              !tokens
                                  || kept.kinds().stream().allMatch(MixtureRouters::knowsTokens))
                      .or(text)
                      .or(() -> learnt);
              return Optional.of(fit(stored, fresh, general));
            },
            changes)
        .orElseThrow()
        .routers();
  }

  private static boolean knowsTokens(DomainStatistics statistics) {
    return statistics.gramCounts().length > 0;
  }

  /**
   * Commits a layer-wise router of its own training, with a ridge router of the domains'
   * statistics.
   *
   * @param trained the state whose adapters it was trained with
   * @throws MixtureException if the mixture's domains have changed since
   */
  StoredRouters store(MixtureDirectory mixture, MixtureState trained, LayerwiseRouter router) {
    Optional<GeneralStatistics> general = general(mixture, trained);
    List<DomainStatistics> all = withKinds(statistics(mixture, trained, Set.of()), general);
    Fitted fitted =
        new Fitted(
            new StoredRouters(ThresholdCalibration.calibrated(router, all), fitRidge(all)),
            general);
    mixture.commit(
        change -> {
          if (!change.state().domains().equals(trained.domains())) {
            throw new MixtureException(
                "The domains of the mixture in "
                    + mixture.directory()
                    + " have changed while its routers were trained. Train them again.");
          }
          change.setRouter(folder -> write(folder, fitted, trained.baseFingerprint()));
        });
    return fitted.routers();
  }

  /**
   * Routers and what they have learnt from.
   *
   * @param general the statistics of what belongs to no domain; kept beside the routers
   */
  private record Fitted(StoredRouters routers, Optional<GeneralStatistics> general) {}

  /** Fits the routers before the lock is taken, and again if another writer came first. */
  private Optional<Fitted> commit(
      MixtureDirectory mixture,
      Function<MixtureState, Optional<Fitted>> fit,
      Consumer<MixtureChange> changes) {
    MixtureState before = mixture.state();
    AtomicReference<Optional<Fitted>> routers = new AtomicReference<>(fit.apply(before));
    mixture.commit(
        change -> {
          MixtureState current = change.state();
          if (!current.equals(before)) {
            routers.set(fit.apply(current));
          }
          changes.accept(change);
          routers
              .get()
              .ifPresent(
                  fitted ->
                      change.setRouter(folder -> write(folder, fitted, current.baseFingerprint())));
        });
    return routers.get();
  }

  /**
   * Fits both routers to domains known by their statistics.
   *
   * @param statistics at least one domain's, in the order that the routers shall have
   */
  public StoredRouters fit(List<DomainStatistics> statistics) {
    return fit(statistics, List.of(), Optional.empty()).routers();
  }

  /**
   * Returns the statistics that lie beside a mixture's adapters, in the order of its domains;
   * imported adapters may have none.
   */
  public static List<DomainStatistics> statistics(MixtureDirectory mixture, MixtureState state) {
    return statistics(mixture, state, Set.of());
  }

  /**
   * Returns the statistics of what belongs to no domain, which lie beside a mixture's routers; none
   * where these have not learnt it.
   */
  public static Optional<GeneralStatistics> general(MixtureDirectory mixture, MixtureState state) {
    return state.routerVersion().stream()
        .mapToObj(
            version ->
                mixture.readRouterFile(
                    version,
                    GENERAL,
                    file -> GeneralStatistics.read(file, state.baseFingerprint())))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static List<DomainStatistics> withKinds(
      List<DomainStatistics> domains, Optional<GeneralStatistics> general) {
    List<DomainStatistics> all = new ArrayList<>(domains);
    general.ifPresent(text -> all.addAll(text.kinds()));
    return all;
  }

  private void write(Path folder, Fitted fitted, String baseFingerprint) {
    StoredRouters pair = fitted.routers();
    pair.write(folder, baseFingerprint);
    fitted.general().ifPresent(general -> general.write(folder.resolve(GENERAL), baseFingerprint));
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("domains", pair.ridge().domains());
    configuration.put("layerwise_learning_rate", layerwise.learningRate());
    configuration.put("layerwise_weight_decay", layerwise.weightDecay());
    configuration.put("layerwise_replay_samples", layerwise.replaySamples());
    configuration.put("ridge_regularization", ridge.regularization());
    new Provenance(
            baseFingerprint,
            List.of(),
            configuration,
            layerwise.seed(),
            TrainingProvenance.libraries(),
            Map.of("ridge_temperature", pair.ridge().temperature()),
            Optional.empty())
        .write(folder);
  }

  private Fitted fit(
      List<DomainStatistics> stored,
      List<DomainPrompts> fresh,
      Optional<GeneralStatistics> general) {
    List<DomainStatistics> all = new ArrayList<>(stored);
    List<DomainStatistics> remembered = new ArrayList<>(stored);
    Map<String, List<PromptStates>> states = new LinkedHashMap<>();
    for (DomainPrompts domain : fresh) {
      all.add(domain.statistics());
      if (domain.states().isEmpty()) {
        remembered.add(domain.statistics());
      } else {
        states.put(domain.domain(), domain.states());
      }
    }
    // the layer-wise router is taught one kind: draws of several cost it more than they bring
    general.ifPresent(text -> remembered.add(text.joined()));
    LayerwiseRouter trained = new LayerwiseRouterTrainer(layerwise).train(remembered, states);
    List<DomainStatistics> withKinds = withKinds(all, general);
    return new Fitted(
        new StoredRouters(ThresholdCalibration.calibrated(trained, all), fitRidge(withKinds)),
        general);
  }

  private RidgeRouter fitRidge(List<DomainStatistics> all) {
    RidgeRouter fitted = RidgeRouter.fit(all, ridge);
    return EarlyExitCalibration.calibrated(ThresholdCalibration.calibrated(fitted, all), all);
  }

  private static List<DomainStatistics> statistics(
      MixtureDirectory mixture, MixtureState state, Set<String> except) {
    List<DomainStatistics> statistics = new ArrayList<>();
    for (Map.Entry<String, MixtureState.Domain> domain : state.domains().entrySet()) {
      if (!except.contains(domain.getKey())) {
        mixture
            .readAdapterFile(
                domain.getKey(),
                domain.getValue().version(),
                DomainStatistics.FILE_NAME,
                file -> DomainStatistics.read(file, state.baseFingerprint()))
            .ifPresent(statistics::add);
      }
    }
    return statistics;
  }
}
