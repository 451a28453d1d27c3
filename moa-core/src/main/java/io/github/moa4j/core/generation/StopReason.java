package io.github.moa4j.core.generation;

/** Why an answer ended. */
public enum StopReason {
  /** The model wrote an end token, or the constraint allows nothing more: the text satisfies it. */
  END_TOKEN,
  /** The answer contained one of the stop strings, which is not part of the text. */
  STOP_STRING,
  /** The answer reached {@link GenerationOptions#maxNewTokens()}. */
  MAX_NEW_TOKENS,
  /** Prompt and answer filled the model's context. */
  CONTEXT_FULL,
  /** The time that the request was given had ended. */
  DEADLINE,
  /** The caller cancelled. */
  CANCELLED
}
