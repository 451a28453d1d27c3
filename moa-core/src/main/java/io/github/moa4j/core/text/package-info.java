/**
 * Text in and out of a model: the tokenizer and the chat template of a Hugging Face model
 * directory. Conversations become the tokens of prompts, the same in training and serving ({@link
 * io.github.moa4j.core.text.PromptEncoder}), and tokens become text again, whole or piece by piece
 * while an answer is generated. May use the core root package, {@code files}, and the room {@code
 * template}, the interpreter of chat templates.
 */
package io.github.moa4j.core.text;
