/**
 * Text in and out of a model: the tokenizer and the chat template of a Hugging Face model
 * directory. Messages become prompt text, text becomes token ids, and token ids become text again,
 * whole or piece by piece while an answer is generated. May use the core root package and the room
 * {@code template}, the interpreter of chat templates.
 */
package io.github.moa4j.core.text;
