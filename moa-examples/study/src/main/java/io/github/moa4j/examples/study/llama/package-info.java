/**
 * llama.cpp in this process, called through its C interface, to measure beside. A GGUF file and
 * token ids go in, logits come out. It uses no other room.
 */
package io.github.moa4j.examples.study.llama;
