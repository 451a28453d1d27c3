/**
 * What an answer must be: one of some choices, the text of a regular expression, or JSON of a
 * schema. Schemas and patterns go in, and automata over the bytes of an answer and over the tokens
 * of a tokenizer come out, in {@code internal}. It may use {@code text} and {@code files}.
 */
package io.github.moa4j.core.constraint;
