/**
 * The frozen base model, of which Llama, Mistral, Qwen2 and Qwen3 are configurations. Directories,
 * prompts and a choice of adapters a prompt go in; a loaded model and the states that a router
 * reads come out; generation and training go through {@code model.internal}. It may use {@code
 * lora}, {@code kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.model;
