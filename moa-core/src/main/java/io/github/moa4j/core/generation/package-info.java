/**
 * From prompt tokens to answer text: sampling, stop conditions, streaming, and batches whose rows
 * run through different adapters. Requests go in, results or streams of text come out. It may use
 * {@code model}, {@code registry}, {@code lora}, {@code text} and, to find tokens in logits, {@code
 * kernel}.
 */
package io.github.moa4j.core.generation;
