package io.github.moa4j.core.text;

/**
 * A token that a tokenizer finds in the text before anything else is done with it.
 *
 * @param special whether decoding leaves it out: the tokenizer's author has declared it a control
 *     token
 */
record AddedToken(int id, String content, boolean special) {}
