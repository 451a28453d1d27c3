package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.generation.TextStream;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.model.PrefilledPrompt;
import io.github.moa4j.core.model.PromptStates;
import java.util.Optional;

/** Starts streamed answers. Where an adapter may act on a prompt's end only, it runs once. */
final class AnswerStarter {

  private final BaseModel base;
  private final TextGenerator generator;
  private final QuestionRouting routing;
  private final RequestGate gate;

  AnswerStarter(
      BaseModel base, TextGenerator generator, QuestionRouting routing, RequestGate gate) {
    this.base = base;
    this.generator = generator;
    this.routing = routing;
    this.gate = gate;
  }

  OpenAnswer start(Question question, int[] prompt) {
    long start = System.nanoTime();
    Optional<PrefilledPrompt> prefilled =
        routing.sharesPrefill(question)
            ? Optional.of(base.prefill(prompt, gate::isClosed))
            : Optional.empty();
    Optional<HeldAdapters> held = Optional.empty();
    try {
      Optional<PromptStates> states = prefilled.map(PrefilledPrompt::states);
      held = Optional.of(routing.hold(question, prompt, states, start));
      GenerationRequest request =
          new GenerationRequest(prompt, held.get().choice(), question.options());
      TextStream text =
          prefilled.isPresent()
              ? generator.stream(request, prefilled.get())
              : generator.stream(request);
      return new OpenAnswer(gate, text, held.get());
    } catch (RuntimeException e) {
      prefilled.ifPresent(PrefilledPrompt::close);
      held.ifPresent(HeldAdapters::close);
      throw e;
    }
  }
}
