/**
 * Dense f64 linear algebra on ND4J: products, Cholesky, QR and singular value decompositions, exact
 * and randomised. Plain arrays and {@link io.github.moa4j.core.checkpoint.HostTensor}s go in and
 * come out; no native array outlives a method. It may use moa-core's tensors and exceptions and
 * ND4J, which nobody else in this module touches.
 */
package io.github.moa4j.router.algebra.internal;
