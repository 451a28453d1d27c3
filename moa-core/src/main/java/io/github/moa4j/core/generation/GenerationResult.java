package io.github.moa4j.core.generation;

import java.time.Duration;

/**
 * A finished answer.
 *
 * @param text the answer, without end tokens and stop strings
 * @param tokens the generated token ids, an end token included
 * @param stopReason why it ended
 * @param promptTokens number of tokens of the prompt
 * @param prefill time from the start of the request to its first token
 * @param decode time from the first token to the end; shared with the other rows of a batch
 */
public record GenerationResult(
    String text,
    int[] tokens,
    StopReason stopReason,
    int promptTokens,
    Duration prefill,
    Duration decode) {}
