/**
 * The frozen decoder: one model, of which Llama, Mistral, Qwen2 and Qwen3 are configurations. Token
 * ids and a choice of adapters a row go in; logits, pooled states for a router, losses and LoRA
 * gradients come out. It may use {@code lora}, {@code kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.model;
