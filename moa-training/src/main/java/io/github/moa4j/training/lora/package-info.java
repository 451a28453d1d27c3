/**
 * Fine-tunes one adapter on one domain while the base and every other adapter stay as they are.
 * Encoded examples go in, an adapter and the history of its training come out; an interrupted run
 * goes on from its state file. It may use {@code data}, {@code gradient}, {@code evaluation} and
 * {@code privacy} of this module, and {@code model}, {@code lora}, {@code kernel} and {@code
 * checkpoint} of the core.
 */
package io.github.moa4j.training.lora;
