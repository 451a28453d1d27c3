/**
 * Measures what an adapter gives away of the examples it has learnt from: who guesses from outside
 * which examples these were, and what of a secret among them can be read off. Examples and settings
 * of a training go in, rates of the attacks come out. It may use {@code data}, {@code evaluation}
 * and {@code lora} of this module, and {@code core}.
 */
package io.github.moa4j.training.leakage;
