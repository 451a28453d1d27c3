/**
 * The base models that programs run: the embedded one, that of a mixture, or one that the user
 * names. A folder comes in, an opened model with tokenizer and chat template goes out. It uses the
 * public classes of all modules and no other room.
 */
package io.github.moa4j.examples.base;
