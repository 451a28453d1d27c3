/**
 * The frozen base model, of which all families are configurations. Directories, prompts and a
 * choice of adapters a prompt go in; a loaded model and the states that a router reads come out;
 * generation and training go through {@code model.internal}. It may use {@code lora}, {@code
 * kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.model;
