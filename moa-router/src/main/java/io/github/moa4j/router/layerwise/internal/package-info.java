/**
 * The pass in which every layer follows its own router, for whoever serves or trains it. A
 * layer-wise router, adapters in native memory and prompts go in; probabilities and choices of
 * adapters come out. It may use what {@code router.layerwise} may, and the model of moa-core.
 */
package io.github.moa4j.router.layerwise.internal;
