/**
 * Trains the layer-wise router from the pooled states of labelled prompts, and from the stored
 * statistics of domains whose prompts are gone. {@link io.github.moa4j.core.model.PromptStates} and
 * {@link io.github.moa4j.router.statistics.DomainStatistics} go in, a {@link
 * io.github.moa4j.router.layerwise.LayerwiseRouter} comes out. It may use moa-router, moa-core's
 * states and ND4J.
 */
package io.github.moa4j.training.router;
