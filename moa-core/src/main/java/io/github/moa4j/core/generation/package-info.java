/**
 * From prompt tokens to answer text: sampling, stop conditions, streaming, and the scheduler that
 * joins all callers into one batch whose rows run through different adapters. Requests go in,
 * results or streams of text come out. It may use {@code model}, {@code constraint}, {@code
 * registry}, {@code lora}, {@code text} and, to find tokens in logits, {@code kernel}.
 */
package io.github.moa4j.core.generation;
