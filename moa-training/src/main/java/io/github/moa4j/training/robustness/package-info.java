/**
 * Prompts as people really write them: without the text an instruction is about, in lower case,
 * broken off, mistyped. Examples come in, the same examples in another form go out, and the same
 * seed gives the same form; and texts of no domain, for routers to learn what is none of theirs. It
 * may use {@code data} of this module and the files of moa-core.
 */
package io.github.moa4j.training.robustness;
