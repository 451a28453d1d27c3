/**
 * Several adapters of one base against each other: merged into one adapter, and measured for
 * interference. {@link io.github.moa4j.core.lora.LoraAdapter}s go in; one adapter, or matrices of
 * similarities, come out, and no data or base model is needed. It may use {@code core.lora}, {@code
 * core.checkpoint}'s tensors and the algebra of moa-router.
 */
package io.github.moa4j.training.merging;
