package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationRequest.Sharing;
import io.github.moa4j.core.generation.PromptRouting;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.Abstention;
import io.github.moa4j.router.Question;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.RoutingMode;
import io.github.moa4j.router.access.Caller;
import io.github.moa4j.router.monitoring.internal.RoutingEvent;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How one question comes by its adapters: the caller names the domain, or the router decides that
 * was in use when the question came. Its methods are called one after the other.
 */
public final class QuestionRoute {

  private static final Object ANY_DOMAIN = "";

  /** How sure a message must be of another domain than the one the conversation is in. */
  private static final double SURE_OF_ANOTHER = 0.9;

  /** How sure a part of a message must be at least, as there are many of them. */
  private static final double SURE_PART = 0.9;

  /** How probably the other end of the message must be of no domain. */
  private static final double FOREIGN = 0.5;

  private final Optional<String> named;
  private final Optional<String> caller;
  private final Sharing sharing;
  private final RoutedPrompt prompt;
  private final AdapterSelection selection;
  private final Optional<RouterInUse> router; // unless the domain is named, or there is none
  private final RoutingMode mode;
  private final RouterReadings readings;
  private final Optional<RouterReadings.Reading> messages; // where the router reads these
  private Optional<RoutingDecision> decided = Optional.empty();
  private boolean early; // whether the base's pass ends where the router may have decided

  QuestionRoute(
      Question question,
      RoutedPrompt prompt,
      AdapterSelection selection,
      Optional<RouterInUse> router,
      RoutingMode mode,
      RouterReadings readings) {
    this.named = question.domain();
    this.caller = question.caller().map(Caller::name);
    this.sharing = question.caller().map(QuestionRoute::sharing).orElse(Sharing.EVERYTHING);
    this.prompt = prompt;
    this.selection = selection;
    this.router = router;
    this.mode = mode;
    this.readings = readings;
    if (named.isEmpty() && prompt.blank()) {
      decided = Optional.of(RoutingDecision.abstained(Abstention.BLANK));
    } else if (named.isEmpty() && router.isEmpty()) {
      decided = Optional.of(RoutingDecision.abstained(Abstention.NO_DOMAIN));
    }
    boolean apart = mode != RoutingMode.PER_LAYER && !prompt.messages().isEmpty();
    this.messages =
        router
            .filter(inUse -> apart && decided.isEmpty())
            .map(inUse -> readings.of(inUse, sharing, prompt.messages()));
    // what other prompts begin with is read once, in a pass over all layers
    this.early = !prompt.instructed() && !selection.goesOnFromBase();
  }

  /** Returns with whom a caller shares what the model computes. */
  private static Sharing sharing(Caller who) {
    List<String> group =
        who.group().map(name -> List.of("group", name)).orElse(List.of("caller", who.name()));
    return new Sharing(group, who.apart());
  }

  /** Returns the prompt that is answered. */
  public int[] prompt() {
    return prompt.tokens();
  }

  /** Returns what the generator is to do for the question. */
  public GenerationRequest request(PromptRouting routing, GenerationOptions options) {
    return new GenerationRequest(prompt(), routing, options, sharing);
  }

  /**
   * How many layers of the base's pass over the prompt the decision needs; none where it needs no
   * pass, or another.
   */
  public OptionalInt depth() {
    return named.isPresent()
            || decided.isPresent()
            || mode == RoutingMode.PER_LAYER
            || !prompt.messages().isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(early ? router.orElseThrow().earlyDepth() : router.orElseThrow().depth());
  }

  /**
   * Takes the decision.
   *
   * @param states of the base's own pass over the prompt, as far as {@link #depth} says
   * @return the key of the domain that was chosen, or that the base is to read on
   */
  public Object decide(PromptStates states) {
    RouterInUse inUse = router.orElseThrow();
    if (states.numStates() > inUse.depth()) {
      readings.remember(inUse, sharing, prompt(), states);
    } else if (inUse.decideEarly(states).isEmpty()) {
      early = false;
      return PromptRouting.READ_ON;
    }
    decide(List.of(states));
    return key();
  }

  /** Decides by the messages of the user, the oldest first, and by parts of the last one. */
  private void decide(List<PromptStates> messages) {
    RoutingEvent event = new RoutingEvent();
    event.begin();
    RoutingDecision decision = ofConversation(messages.stream().map(this::decision).toList());
    if (decision.chosen().isEmpty()) {
      decision = surestPart().orElse(decision);
    }
    RoutingDecision known = selection.known(decision);
    decided = Optional.of(known);
    event.decided(
        known.chosen().orElse(""),
        known.confidence(),
        known.abstention().map(Enum::name).orElse(""));
  }

  private RoutingDecision decision(PromptStates states) {
    return router.orElseThrow().decide(states);
  }

  /** Decides on parts that have not been decided on. */
  private void ask(
      Collection<RoutedPrompt.Part> parts, Map<RoutedPrompt.Part, RoutingDecision> said) {
    List<RoutedPrompt.Part> left = parts.stream().filter(part -> !said.containsKey(part)).toList();
    List<int[]> prompts = left.stream().map(RoutedPrompt.Part::tokens).toList();
    List<PromptStates> states = readings.of(router.orElseThrow(), sharing, prompts).states();
    for (int i = 0; i < left.size(); i++) {
      said.put(left.get(i), decision(states.get(i)));
    }
  }

  /** A conversation stays in its domain until a message is surely of another. */
  private static RoutingDecision ofConversation(List<RoutingDecision> messages) {
    RoutingDecision kept = messages.get(0);
    for (RoutingDecision message : messages.subList(1, messages.size())) {
      boolean same = message.chosen().equals(kept.chosen());
      boolean takesOver = message.chosen().isPresent() && message.confidence() >= SURE_OF_ANOTHER;
      kept = kept.chosen().isEmpty() || same || takesOver ? message : kept;
    }
    return kept;
  }

  /**
   * Returns the decision of the surest part: where one end of the message is of no domain, as a
   * document that was pasted, the other may be a question.
   */
  private Optional<RoutingDecision> surestPart() {
    List<RoutedPrompt.Part> parts = prompt.parts().get();
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    Map<RoutedPrompt.Part, RoutingDecision> said = new LinkedHashMap<>();
    ask(parts.stream().filter(RoutedPrompt.Part::telling).toList(), said);
    Set<Boolean> ofNoDomain = new HashSet<>();
    said.forEach(
        (part, decision) -> {
          if (decision.noneOfThese() >= FOREIGN) {
            ofNoDomain.add(part.fromStart());
          }
        });
    List<RoutedPrompt.Part> others =
        parts.stream().filter(part -> ofNoDomain.contains(!part.fromStart())).toList();
    ask(others, said);
    return others.stream()
        .map(said::get)
        .filter(part -> part.chosen().isPresent() && part.confidence() >= SURE_PART)
        .max(Comparator.comparingDouble(RoutingDecision::confidence));
  }

  /** Returns the domain, known or not, among whose questions this one waits. */
  public Object key() {
    Optional<String> domain = named.or(() -> decided.flatMap(RoutingDecision::chosen));
    return domain.map(Object.class::cast).orElse(ANY_DOMAIN);
  }

  /** Has nothing more read for a question that is given up, or decided. */
  public void release() {
    messages.ifPresent(RouterReadings.Reading::cancel);
  }

  /** Takes hold of the adapters that answer. */
  public HeldAdapters hold() {
    if (named.isPresent()) {
      return selection.holdNamed(named.get(), caller, prompt());
    }
    if (decided.isEmpty() && mode == RoutingMode.PER_LAYER) {
      return selection.holdByLayer(router.orElseThrow(), prompt());
    }
    return selection.hold(decision(), caller, prompt());
  }

  /** Returns the decision: the caller's, that of {@link #decide}, or that of every layer. */
  public RoutingDecision decision() {
    if (named.isPresent()) {
      return RoutingDecision.explicit(named.get());
    }
    if (decided.isEmpty() && mode == RoutingMode.PER_LAYER) {
      try (HeldAdapters held = hold()) {
        return held.decision();
      }
    }
    if (decided.isEmpty()) {
      decide(messages.orElseThrow().states());
    }
    return decided.orElseThrow();
  }
}
