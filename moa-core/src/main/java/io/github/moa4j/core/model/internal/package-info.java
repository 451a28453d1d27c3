/**
 * The decoder at the level of the engine: batches of token ids and a choice of adapters a row go
 * in; logits, pooled states and losses come out, and a key/value cache grows. Other rooms reach it
 * through {@code BaseModel.unwrap}. It may use {@code lora}, {@code kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.model.internal;
