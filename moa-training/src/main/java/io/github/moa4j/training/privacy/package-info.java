/**
 * Differential privacy: what a training of so many steps on so large a share of the examples under
 * so much noise gives away at most, and the random numbers it needs. Noise, rate and steps go in,
 * an epsilon comes out, or the other way round. It may use {@code core} alone.
 */
package io.github.moa4j.training.privacy;
