package io.github.moa4j.router.answering.internal;

import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.PromptRouting;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.generation.TextStream;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.RoutingDecision;
import io.github.moa4j.router.routing.internal.QuestionRoute;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;

/** Sends a prompt the way of all others as far as the decision, and no further. */
final class DecisionOnly implements PromptRouting {

  private final RequestGate gate;
  private final QuestionRoute route;
  private volatile Optional<RoutingDecision> decision = Optional.empty();

  private DecisionOnly(RequestGate gate, QuestionRoute route) {
    this.gate = gate;
    this.route = route;
  }

  /** Waits for the decision on a question that is routed by sequence. */
  static RoutingDecision of(RequestGate gate, TextGenerator generator, QuestionRoute route) {
    DecisionOnly asked = new DecisionOnly(gate, route);
    GenerationRequest request = route.request(asked, GenerationOptions.greedy(1));
    try (TextStream text = generator.stream(request)) {
      text.result();
      throw new IllegalStateException("A prompt was answered that was only to be routed");
    } catch (CancellationException e) {
      return asked.decision.orElseThrow();
    }
  }

  @Override
  public OptionalInt depth() {
    return route.depth();
  }

  @Override
  public Object decide() {
    throw new IllegalStateException("Only a question that is routed by sequence is asked so");
  }

  @Override
  public Object decide(PromptStates states) {
    if (gate.work(() -> route.decide(states)) == PromptRouting.READ_ON) {
      return PromptRouting.READ_ON;
    }
    decision = Optional.of(route.decision());
    throw new CancellationException("That is all that was asked.");
  }

  @Override
  public AdapterChoice hold() {
    throw new IllegalStateException("Nothing is held for a prompt that is only routed");
  }

  @Override
  public void release() {
    // It holds nothing.
  }
}
