package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.registry.AdapterRegistry;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.text.PromptEncoder;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RouterException;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.stored.StoredRouters;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The router that is in use, the mixture's as of the last reload or the application's own, and the
 * ways that questions take by it. Thread-safe.
 */
public final class QuestionRouting {

  private final BaseModel base;
  private final PromptEncoder prompts;
  private final Path mixture;
  private final RoutingSettings settings;
  private final RouterReadings readings;
  private final AdapterSelection selection;
  private volatile Optional<RouterInUse> inUse = Optional.empty();

  /**
   * Creates it; nothing is routed before the first {@link #reload}.
   *
   * @param generator runs the passes of the base that a decision needs besides the first
   */
  public QuestionRouting(
      BaseModel base,
      PromptEncoder prompts,
      AdapterRegistry registry,
      Trials trials,
      Path mixture,
      RoutingSettings settings,
      TextGenerator generator) {
    this.base = base;
    this.prompts = prompts;
    this.mixture = mixture;
    this.settings = settings;
    this.readings = new RouterReadings(generator);
    this.selection = new AdapterSelection(base, registry, trials, settings, generator);
  }

  /** Tells whether there is a router. */
  public boolean hasRouter() {
    return inUse.isPresent();
  }

  /**
   * Takes over the router that the mixture holds now; the application's own stays.
   *
   * @throws io.github.moa4j.core.MoaException if it cannot be read or used; the one in use stays
   */
  public void reload(MixtureDirectory directory) {
    inUse =
        directory.read(
            state -> {
              state.checkBase(base.fingerprint());
              return settings.own().isPresent()
                  ? settings.own().map(own -> RouterInUse.bySequence(base, settings, own))
                  : state.routerVersion().stream()
                      .mapToObj(version -> directory.readRouter(version, this::read))
                      .findFirst();
            });
    selection.forgetLeftOut();
  }

  private RouterInUse read(Path folder) {
    String fingerprint = base.fingerprint();
    RouterInUse read =
        settings.mode() == RoutingMode.PER_LAYER
            ? RouterInUse.perLayer(base, settings, StoredRouters.readLayerwise(folder, fingerprint))
            : RouterInUse.bySequence(
                base, settings, StoredRouters.read(folder, settings.kind(), fingerprint));
    return read.tried();
  }

  /**
   * Returns the way of a question. To whom sees some domains only, a mixture without a router is as
   * one whose router knows none of these.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if it names a domain that is unknown, or not
   *     visible
   * @throws RouterException if it names none and there is no router
   * @throws io.github.moa4j.core.model.ContextLengthException if it leaves no room for an answer
   */
  public QuestionRoute route(Question question) {
    RoutedPrompt prompt = RoutedPrompt.of(question, prompts, base.contextLength());
    Optional<Set<String>> visible = question.visible();
    question.domain().ifPresent(domain -> selection.requireKnown(domain, visible));
    Optional<RouterInUse> router = question.domain().isPresent() ? Optional.empty() : inUse;
    if (visible.isPresent()) {
      router = router.flatMap(whole -> whole.seeing(visible.get()));
    } else if (question.domain().isEmpty() && router.isEmpty()) {
      throw new RouterException(
          "The mixture in "
              + mixture
              + " has no router yet: name a domain in the question, or train the routers.");
    }
    return new QuestionRoute(question, prompt, selection, router, settings.mode(), readings);
  }
}
