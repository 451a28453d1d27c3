package io.github.moa4j.core.text;

/**
 * A token that a tokenizer finds in the text before anything else is done with it.
 *
 * @param special whether decoding leaves it out: the tokenizer's author has declared it a control
 *     token
 * @param normalized whether it is found in the normalised text only
 * @param piece whether it is one of the model's own pieces too, as HTML tags are in Gemma's
 */
record AddedToken(int id, String content, boolean special, boolean normalized, boolean piece) {}
