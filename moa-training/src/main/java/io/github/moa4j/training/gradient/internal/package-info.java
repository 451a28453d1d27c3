/**
 * Losses with their gradients, at the level of the engine: batches of examples and trainable
 * parameters go in, sums and gradient arrays come out of a script that is loaded beside the
 * decoder's own, over the same weights. It may use {@code training.data} and the core.
 */
package io.github.moa4j.training.gradient.internal;
