package io.github.moa4j.router;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.generation.GenerationRequest;
import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.model.PromptStates;
import java.util.Optional;

/** One question on its way through a batch: what is known so far, or why it failed. */
final class BatchedQuestion {

  private final Question question;
  private int[] prompt = {};
  private PromptStates states;
  private HeldAdapters held;
  private GenerationResult result;
  private MoaException failure;

  BatchedQuestion(Question question) {
    this.question = question;
  }

  Question question() {
    return question;
  }

  /** Does a step unless an earlier one failed; what it throws is this question's failure. */
  void attempt(Runnable step) {
    if (failure == null) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure = failure(e);
      }
    }
  }

  /** Returns what a caller is told of something that went wrong with a question. */
  static MoaException failure(RuntimeException e) {
    return e instanceof MoaException known
        ? known
        : new MoaException("The question cannot be answered: " + e, e);
  }

  boolean failed() {
    return failure != null;
  }

  boolean isToBeRouted() {
    return !failed() && question.domain().isEmpty();
  }

  void setPrompt(int[] tokens) {
    prompt = tokens;
  }

  int[] prompt() {
    return prompt;
  }

  /** Tokens of the prompt and of the longest answer to it; 0 of a question that failed. */
  long tokens() {
    return failed() ? 0 : (long) prompt.length + question.options().maxNewTokens();
  }

  void setStates(PromptStates found) {
    states = found;
  }

  Optional<PromptStates> states() {
    return Optional.ofNullable(states);
  }

  void setHeld(HeldAdapters adapters) {
    held = adapters;
  }

  GenerationRequest request() {
    return new GenerationRequest(prompt, held.choice(), question.options());
  }

  void setResult(GenerationResult generated) {
    result = generated;
  }

  /** Gives the adapters back. */
  void release() {
    if (held != null) {
      held.close();
    }
  }

  Outcome outcome() {
    return failed() ? Outcome.of(question, failure) : Outcome.of(question, held.answer(result));
  }
}
