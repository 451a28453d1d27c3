/**
 * Everything that only training needs of the decoder: experts side by side in one adapter, and who
 * chooses among them while they learn. Adapters and a choice go in; a bank that trains and splits
 * into adapters again comes out, its gradients in {@code gradient.internal}. It may use {@code
 * training.data} and the core.
 */
package io.github.moa4j.training.gradient;
