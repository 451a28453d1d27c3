/**
 * Prompts as people really write them: without the text an instruction is about, in lower case,
 * broken off, mistyped. Examples come in, the same examples in another form go out, and the same
 * seed gives the same form. It may use {@code data} of this module.
 */
package io.github.moa4j.training.robustness;
