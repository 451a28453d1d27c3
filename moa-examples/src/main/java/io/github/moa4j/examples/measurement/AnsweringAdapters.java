package io.github.moa4j.examples.measurement;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.Router;
import io.github.moa4j.router.RouterKind;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The adapters of what is measured: a router's choice, the same one for all, or none. */
public final class AnsweringAdapters implements AutoCloseable {

  private final BaseModel model;
  private final Optional<MixtureDirectory> mixture;
  private final Optional<MixtureState> state; // of when it was opened
  private final Optional<Router> router;
  private final Optional<LoadedAdapter> otherwise;
  private final Map<String, LoadedAdapter> loaded = new HashMap<>();

  private AnsweringAdapters(
      BaseModel model,
      Optional<MixtureDirectory> mixture,
      Optional<Router> router,
      Optional<Path> adapter) {
    this.model = model;
    this.mixture = mixture;
    this.state = mixture.map(MixtureDirectory::state);
    this.router = router;
    this.otherwise =
        adapter.map(folder -> loaded.computeIfAbsent("", any -> applied(PeftFormat.read(folder))));
  }

  public static AnsweringAdapters of(BaseModel model, Optional<Path> adapter) {
    return new AnsweringAdapters(model, Optional.empty(), Optional.empty(), adapter);
  }

  public static AnsweringAdapters of(BaseModel model, MixtureDirectory mixture, RouterKind kind) {
    int version =
        mixture
            .state()
            .routerVersion()
            .orElseThrow(
                () ->
                    new MoaException(
                        "The mixture in "
                            + mixture.directory()
                            + " has no router yet: add a domain, or import one with --prompts."));
    Router router =
        mixture.readRouter(
            version, folder -> StoredRouters.read(folder, kind, model.fingerprint()));
    return new AnsweringAdapters(
        model, Optional.of(mixture), Optional.of(router), Optional.empty());
  }

  Optional<Router> router() {
    return router;
  }

  /** The adapter of a decision over its prompt; without one, that of all examples. */
  public AdapterChoice choice(Optional<RoutingDecision> decision, int[] prompt) {
    return decision
        .flatMap(RoutingDecision::chosen)
        .filter(domain -> state.orElseThrow().domains().containsKey(domain))
        .map(domain -> loaded.computeIfAbsent(domain, this::ofDomain))
        .or(() -> otherwise)
        .map(adapter -> adapter.choice(prompt))
        .orElseGet(AdapterChoice::base);
  }

  private LoadedAdapter ofDomain(String name) {
    int version = state.orElseThrow().domain(name).version();
    return applied(mixture.orElseThrow().readAdapter(name, version, PeftFormat::read));
  }

  private LoadedAdapter applied(LoraAdapter adapter) {
    return LoadedAdapter.of(model, adapter);
  }

  @Override
  public void close() {
    loaded.values().forEach(LoadedAdapter::close);
  }
}
