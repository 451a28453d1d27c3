/**
 * Checkpoints as the files that llama.cpp reads, so that both programs compute with the same
 * weights. A Hugging Face directory goes in, one GGUF file without a tokenizer comes out. It uses
 * no other room.
 */
package io.github.moa4j.examples.study.gguf;
