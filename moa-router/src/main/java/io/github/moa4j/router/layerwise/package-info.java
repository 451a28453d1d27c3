/**
 * The paper's router: in each layer a softmax over the domains (Feng et al., 2024). Trained
 * classifiers go in, decisions come out, for the whole sequence or layer by layer. It may use
 * moa-core, the decisions of {@code router}, and {@code router.statistics}; it knows no other
 * method and nothing of the application's mixture.
 */
package io.github.moa4j.router.layerwise;
